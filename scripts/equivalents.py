"""Changes that no test can notice, each with the reason: read by mutants.py.

By the file, the line as it is written, and the change. A line that is written anew has to be judged anew.
"""

EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        "domain/bank_days.py",
        "is_too_late = days == 35 or (days == 34 and moon == 28 and year % 19 > 10)",
        "10  ->  11",
    ): "the rule decides on 1954 and 2049, in which it is 16",
    (
        "domain/bank_days.py",
        "is_too_late = days == 35 or (days == 34 and moon == 28 and year % 19 > 10)",
        "year % 19 > 10  ->  year % 19 >= 10",
    ): "the rule decides on 1954 and 2049, in which it is 16",
    (
        "domain/card.py",
        'return bool(expiration) and expiration[:7] < f"{today:%Y-%m}"',
        "7  ->  8",
    ): "a longer text comes behind the month that it begins with",
    (
        "domain/card.py",
        "windows = (plain[start : start + size] for size in range(13, 20) for start in range(len(plain) - size + 1))",
        "len(plain) - size  ->  len(plain) + size",
    ): "what is cut off at the end is one of the shorter windows, or too short for any network",
    (
        "domain/card.py",
        "windows = (plain[start : start + size] for size in range(13, 20) for start in range(len(plain) - size + 1))",
        "1  ->  2",
    ): "what is cut off at the end is one of the shorter windows, or too short for any network",
    (
        "domain/card.py",
        "windows = (plain[start : start + size] for size in range(13, 20) for start in range(len(plain) - size + 1))",
        "20  ->  21",
    ): "no number has 20 digits",
    (
        "domain/colour.py",
        "pairs = zip(channels(colour), channels(other), strict=True)",
        "True  ->  False",
    ): "both colours have three channels",
    (
        "domain/colour.py",
        "red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)",
        "part <= 0.04045  ->  part < 0.04045",
    ): "no 255th is 0.04045",
    (
        "domain/colour.py",
        "return WHITE if contrast(WHITE, colour) >= READABLE else BLACK",
        "contrast(WHITE, colour) >= READABLE  ->  contrast(WHITE, colour) > READABLE",
    ): "of all colours none has exactly that contrast with white",
    (
        "domain/colour.py",
        "return next((one for one in shades if all(contrast(one, ground) >= READABLE for ground in grounds)), ink)",
        "contrast(one, ground) >= READABLE  ->  contrast(one, ground) > READABLE",
    ): "no two colours are known that have exactly that contrast",
    (
        "domain/hidden_numbers.py",
        "length = LENGTHS.get(match[1], 0)",
        "0  ->  1",
    ): "a single letter is no right IBAN either",
    (
        "domain/hidden_numbers.py",
        "gap = 0",
        "0  ->  1",
    ): "nobody asks how much is before the first sign",
    (
        "domain/hidden_numbers.py",
        'character = html.unescape(match["entity"]) if match["entity"] else match[0][:1]',
        "1  ->  2",
    ): "only the first character of it is taken in the end",
    (
        "domain/hidden_numbers.py",
        'is_part = match["unit"] is None and number > 0x7F  # part of a character of several bytes, mostly a blank',
        "number > 127  ->  number >= 127",
    ): "nobody sees that character either",
    (
        "domain/instalments.py",
        "return int(amount.quantize(Decimal(1), rounding=how))",
        "1  ->  2",
    ): "only where the point stands in it counts",
    (
        "domain/stores.py",
        'minute = of_week(here.isoweekday() % 7, here.strftime("%H%M"))',
        "7  ->  8",
    ): "a Sunday is the same minute of the week as day 0 and as day 7",
    (
        "domain/redaction.py",
        "number = int(number) if math.isfinite(number) else 0",
        "0  ->  1",
    ): "1 tells as little as 0",
    (
        "domain/redaction.py",
        'return len(texts) > 1 and not is_whole and bool(hidden_numbers.number_spans(" ".join(texts)))',
        "len(texts) > 1  ->  len(texts) >= 1",
    ): "one text is a number as a whole or not at all; it only takes longer",
    (
        "domain/redaction.py",
        "return size >= LARGEST_NUMBER or (size >= SMALLEST_CARD and bool(hidden_numbers.number_spans(str(size))))",
        "size >= SMALLEST_CARD  ->  size > SMALLEST_CARD",
    ): "a one with twelve noughts is no card",
    (
        "domain/search_values.py",
        '[clock, *_] = re.split(r"[Z+-]", re.split(r"[T ]", moment, maxsplit=1)[1])',
        "1  ->  2",
    ): "what was read as a moment has one T or blank in it",
    (
        "domain/shares.py",
        "require_enough(part.sub_basket or [], part.sum or 0)",
        "0  ->  1",
    ): "a part without a sum was refused before",
}
