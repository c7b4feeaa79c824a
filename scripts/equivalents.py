"""Changes that no test can notice, each with the reason: read by mutants.py.

By the file, the line as it is written, and the change. A line that is written anew has to be judged anew.
"""

EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        "domain/colour.py",
        "red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)",
        "part <= 0.04045  ->  part < 0.04045",
    ): "no 255th is 0.04045",
}
