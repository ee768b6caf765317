r"""The words and signs in which answers are spelled, as tables: a name, a colon, and what else stands for it."""


def table(text: str) -> dict[str, str]:
    """From each spelling, and each name, to the name."""
    rows = [line.partition(":") for line in text.strip().splitlines()]
    return {spelling: name for name, _, spellings in rows for spelling in (name, *spellings.split()) if spelling}


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def commands(*names: str) -> frozenset[str]:
    """LaTeX commands of these names."""
    return frozenset("\\" + name for text in names for name in text.split())


def numbered(text: str, first: int = 0, step: int = 1) -> dict[str, int]:
    """The words of a text and their numbers."""
    return {word: first + step * index for index, word in enumerate(text.split())}


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
RAISED = {char: f"^{{{plain}}}" for char, plain in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ", "0123456789-n", strict=True)}
LOWERED = {char: f"_{{{plain}}}" for char, plain in zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)}
UNICODE = str.maketrans(
    {char: f"{sign} " if sign[0] == "\\" else sign for char, sign in SIGNS.items() if len(char) == 1}
    | {char: rf"\{name} " for char, name in GREEK.items() if len(char) == 1}
    | {**COLONS, **INVISIBLE, **RAISED, **LOWERED}
)

INFINITIES = words("infinity inf oo")
CONNECTIVES = words("and or")
# Words of two and three letters; other short runs of letters are products of variables, such as xy.
SHORT_WORDS = words(
    """and or yes no odd one two six ten red all mon tue wed thu fri sat sun max min am pm cat dog man boy big day set
    out of to is it if we the not any are you for was has but new old low top end nor can cup may use its per sq
    cu dne"""
)
# Words that make a phrase more than the name of what is counted.
NOT_NOUNS = words(
    """and or is are was be not no the a an if else then because since but only correct incorrect right wrong true false
    answer answers gold accept grade mark ignore either neither both to with by from at when where that this it its as
    than more less least most any all every whatever instructions approximately about which same equal equals equivalent
    please score reward"""
)

UNITS = table(
    """
meter: m meters metre metres
centimeter: cm cms
millimeter: mm mms
kilometer: km kms
nanometer: nm
inch: in inches
foot: ft feet
yard: yd yds yards
mile: mi miles
second: s sec secs seconds
millisecond: ms
minute: min mins minutes
hour: h hr hrs hours
day: days
week: weeks wk wks
month: months
year: yr yrs years
gram: g grams gm gms
kilogram: kg kgs kilo kilos
milligram: mg
pound: lb lbs pounds
ounce: oz ounces
ton: tons tonne tonnes
liter: L l liters litre litres
milliliter: mL ml
gallon: gal gallons
newton: N newtons
joule: J joules
kilojoule: kJ
watt: W watts
kilowatt: kW
volt: V volts
ampere: A amp amps amperes
coulomb: C coulombs
ohm: ohms
tesla: T teslas
farad: F farads
pascal: Pa pascals
kilopascal: kPa
hertz: Hz
kilohertz: kHz
megahertz: MHz
kelvin: K kelvins
mole: mol moles
electronvolt: eV
molar: M
millimolar: mM
micromolar: uM
nanomolar: nM
microsecond: us
nanosecond: ns
picosecond: ps
femtosecond: fs
millivolt: mV
kilovolt: kV
milliampere: mA
milliwatt: mW
megawatt: MW
millijoule: mJ
megajoule: MJ
kilonewton: kN
decibel: dB
parsec: pc
lightyear: ly
micrometer: um
angstrom: angstroms
kilometer/hour: kph kmph
mile/hour: mph
meter/second: mps
degree: deg degs degrees
radian: rad rads radians
celsius:
fahrenheit:
dollar: dollars usd bucks
cent: cents
euro: euros eur
rupee: rupees rs Rs inr
yen: jpy
percent:
person: persons people
child: children
die: dice
man: men
woman: women
"""
)
UNITS |= {
    prefix + spelling: prefix + name
    for spelling, name in table(
        "meter: meters metre metres\ngram: grams\nliter: liters litre litres\nsecond: seconds"
    ).items()
    for prefix in ("centi", "milli", "kilo", "micro", "nano")
}
UNITS |= {"unit": "", "units": ""}
CURRENCIES = words(r"\$ $ euro eur pound rupee rs inr usd yen jpy")
NUMERALS = numbered(
    """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen"""
) | numbered("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10)
PARTS = numbered("half third fourth fifth sixth seventh eighth ninth tenth", 2) | {"halve": 2, "quarter": 4}
ORDINALS = (
    numbered("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth", 1)
    | numbered("fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth", 14)
    | numbered("twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth", 20, 10)
)
MONTHS = (
    numbered("january february march april may june july august september october november december", 1)
    | numbered("jan feb mar apr may jun jul aug sep oct nov dec", 1)
    | {"sept": 9}
)
SCALES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
