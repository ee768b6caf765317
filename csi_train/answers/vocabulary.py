r"""The words in which answers are spelled: numerals, months, and those that tell a word from a product of letters."""

from csi_train.answers.tables import numbered, words

CONNECTIVES = words("and or")
# Words of two and three letters; other short runs of letters are products of variables, such as xy.
SHORT_WORDS = words(
    """and or yes no odd one two six ten red all mon tue wed thu fri sat sun max min am pm cat dog man boy big day set
    out of to is it if we the not any are you for was has but new old low top end nor can cup may use its per sq
    cu dne non"""
)
# Words that make a phrase more than the name of what is counted.
NOT_NOUNS = words(
    """and or is are was be not no the a an if else then because since but only correct incorrect right wrong true false
    answer answers gold accept grade mark ignore either neither both to with by from at when where that this it its as
    than more less least most any all every whatever instructions approximately about which same equal equals equivalent
    please score reward"""
)
# Words that begin, or are, a phrase behind a unit, as in "27 miles from City A"; and those that may not be in it.
PREPOSITIONS = words("from in on at for by with to during across")
ADVERBS = words("left remaining altogether overall total away apart long tall high wide deep old")
MORE = words("more fewer additional extra")
HEDGES = NOT_NOUNS - PREPOSITIONS - words("the a an it its this that all")

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
