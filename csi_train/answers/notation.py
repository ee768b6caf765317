r"""The signs of mathematics in LaTeX, plain text and unicode: a name, a colon, and what else stands for it."""

from csi_train.answers.tables import table, words

COMMANDS = table(
    r"""
frac: dfrac tfrac cfrac
binom: dbinom tbinom
le: leq leqslant leqq
ge: geq geqslant geqq
ne: neq
<: lt
>: gt
emptyset: varnothing O
|: mid vert lvert rvert Vert lVert rVert
*: cdot cdotp times bullet ast
/: div
setminus: backslash
ldots: dots cdots dotsc
{: lbrace
}: rbrace
[: lbrack
]: rbrack
degree: circ
and: land wedge
or: lor vee
approx: sim simeq thickapprox doteq
mod: pmod bmod pod
phi: varphi
epsilon: varepsilon
theta: vartheta
rightarrow: to
cup: bigcup
cap: bigcap
infty: infin
csc: cosec
tan: tg
cot: ctg
arcsin: asin
arccos: acos
arctan: atan
"""
) | {"colon": ":"}

OPERATORS = {"**": "^", "<=": r"\le", ">=": r"\ge", "!=": r"\ne", "==": "=", "+-": r"\pm", ":=": "="} | dict.fromkeys(
    ["->", "=>"], r"\rightarrow"
)

GREEK = table(
    """
alpha: α
beta: β
gamma: γ
delta: δ
epsilon: ε
zeta: ζ
eta: η
theta: θ
lambda: λ
mu: μ µ
nu: ν
xi: ξ
pi: π
rho: ρ
sigma: σ
tau: τ
phi: φ
chi: χ
psi: ψ
omega: ω
Gamma: Γ
Delta: Δ
Sigma: Σ
Phi: Φ
Omega: Ω
iota:
kappa:
upsilon:
Theta:
Lambda:
Xi:
Pi:
Upsilon:
Psi:
"""
)
GREEK_NAMES = frozenset(GREEK.values())

FUNCTIONS = words("sin cos tan cot sec csc arcsin arccos arctan arccot arcsec arccsc sinh cosh tanh log ln lg exp sqrt")

SIGNS = table(
    r"""
-: − – — ‐ ‑
+: ＋
=: ＝
\times: × ✕
\cdot: · ⋅ ∙ •
\div: ÷
/: ∕ ⁄
\sqrt: √
\sqrt[3]: ∛
\infty: ∞
\pm: ±
\mp: ∓
\le: ≤ ⩽
\ge: ≥ ⩾
\ne: ≠
\approx: ≈
\in: ∈
\equiv: ≡
\cup: ∪
\cap: ∩
\setminus: ∖
\emptyset: ∅
\langle: ⟨
\rangle: ⟩
\lfloor: ⌊
\rfloor: ⌋
\lceil: ⌈
\rceil: ⌉
\mathbb{R}: ℝ
\mathbb{Z}: ℤ
\mathbb{N}: ℕ
\mathbb{Q}: ℚ
\mathbb{C}: ℂ
\degree: ° º
\angle: ∠
\triangle: △
\ldots: …
|: ∣
\flat: ♭
\sharp: ♯
,: ，
(: （
): ）
%: ％
": “ ” ″
': ‘ ’ ′
\text{cents}: ¢
\text{euro}: €
\text{angstrom}: Å
\text{pound}: £
\text{yen}: ¥
\text{rupee}: ₹
"""
)
COLONS = dict.fromkeys("∶：", ":")
INVISIBLE = dict.fromkeys("\u200b\u2061\ufeff\x00", "")
RAISED = {char: f"^{{{plain}}}" for char, plain in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n", strict=True)}
LOWERED = {char: f"_{{{plain}}}" for char, plain in zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)}
UNICODE = str.maketrans(
    {char: f"{sign} " if sign[0] == "\\" else sign for char, sign in SIGNS.items() if len(char) == 1}
    | {char: rf"\{name} " for char, name in GREEK.items() if len(char) == 1}
    | {**COLONS, **INVISIBLE, **RAISED, **LOWERED}
)

INFINITIES = words("infinity inf oo")
