r"""The names of units and currencies: a name, a colon, and its other spellings."""

from csi_train.answers.tables import table, words

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
