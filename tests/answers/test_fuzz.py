"""Random sequences of the signs that answers are made of: reading never fails, and is the same each time."""

from hypothesis import given, settings
from hypothesis import strategies as st

from csi_train.answers import equivalent
from csi_train.answers.reading import read

SIGNS = r"""
1 2 0 3.5 10^{100} 999999999 x y i e \pi \infty + - * / ^ ! = < \le > \ne \in \approx \pm , ; : ( ) [ ] { } \{ \} | _ &
\\ ' . \frac \sqrt \sin \tan \cot \sec \arctan \ln \log \log_ \binom \choose \cup \setminus \mathbb{R} \emptyset ^\circ
% \% \$ $ cm m \text{cm} and or to in of \begin{pmatrix} \end{pmatrix} \begin{cases} \end{cases} \lfloor \rfloor
\pmod \equiv \min \gcd \lceil \sqrt[4] -16 a0 T2 st rd \text{ ** ] [ ^T \\\\[4pt] log base except where integer
\overline{3} 0.\overline{3} \langle \rangle A B C july 1776 pm one half million per square the answer is yes rs
"""
spellings = st.builds(
    lambda separator, signs: separator.join(signs),
    st.sampled_from(["", " "]),
    st.lists(st.sampled_from(SIGNS.split()), max_size=25),
)


@settings(max_examples=1000, deadline=2000)
@given(spellings)
def test_everything_is_read(answer: str) -> None:
    readings = read(answer)
    assert readings
    assert hash(readings) == hash(read(answer))
    assert equivalent(answer, f" {answer} ")
