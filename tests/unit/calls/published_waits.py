"""Waits cut short, published with their answers: numbers only, each with where it was printed.

Answers were computed with R 4.2.2 and its `survival` 3.5-3 unless a source says otherwise.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """Times, and for each whether it ended (1) or was cut short (0)."""

    times: tuple[float, ...]
    ended: tuple[int, ...]


# Miller, Survival Analysis (1981): weeks in remission, acute myelogenous leukaemia, kept on treatment or not
MAINTAINED = Published((9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161), (1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0))
NOT_MAINTAINED = Published((5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45), (1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1))

# Edmunson and others (1979): the case that scipy's own log-rank test uses
OVARIAN_ONE = Published(
    (59, 115, 156, 431, 448, 477, 638, 803, 855, 1040, 1106, 268, 329), (1, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 1, 1)
)
OVARIAN_TWO = Published(
    (421, 464, 475, 563, 744, 769, 770, 1129, 1206, 1227, 353, 365, 377), (0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0)
)

# Boston University BS704 and real-statistics.com, as scipy's tests carry them
BOSTON = (
    Published((8, 12, 26, 14, 21, 27, 8, 32, 20, 40), (1, 1, 1, 1, 1, 1, 0, 0, 0, 0)),
    Published((33, 28, 41, 48, 48, 25, 37, 48, 25, 43), (1, 1, 1, 0, 0, 0, 0, 0, 0, 0)),
    Published(
        (3, 5, 8, 10, 5, 5, 8, 12, 15, 14, 2, 11, 10, 9, 12, 5, 8, 11),
        (1, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1, 1),
    ),
)
BOSTON_CURVES = (
    (0.9, 0.788, 0.675, 0.675, 0.54, 0.405, 0.27, 0.27, 0.27),
    (1, 0.875, 0.75, 0.75, 0.6, 0.6, 0.6),
    (0.944, 0.889, 0.722, 0.542, 0.542, 0.542, 0.361, 0.181, 0.181, 0.181),
)

# R's fitdistrplus, fitdistcens, as scipy's tests carry it: mean 19.85, standard error 6.277119
EXPONENTIAL = Published(
    (1, 2.5, 3, 6, 7.5, 10, 12, 12, 14.5, 15, 16, 16, 20, 20, 21, 22), (1,) * 10 + (0,) * 6
)  # fmt: skip

# Lawless's locomotive controls, 37 failed and 59 still running at 135 (SAS: mu 5.1169, sigma 0.7055)
LOCOMOTIVE = Published(
    (22.5, 37.5, 46.0, 48.5, 51.5, 53.0, 54.5, 57.5, 66.5, 68.0, 69.5, 76.5, 77.0, 78.5, 80.0, 81.5, 82.0, 83.0, 84.0,
     91.5, 93.5, 102.5, 107.0, 108.5, 112.5, 113.5, 116.0, 117.0, 118.5, 119.0, 120.0, 122.5, 123.0, 127.5, 131.0,
     132.5, 134.0) + (135.0,) * 59,
    (1,) * 37 + (0,) * 59,
)  # fmt: skip

# North Central Cancer Treatment Group (Loprinzi and others, 1994): days, `+` where still alive; 228 people, 165 died
LUNG_DRAWN = """
306 455 1010+ 210 883 1022+ 310 361 218 166 170 654 728 71 567 144 613 707 61 88 301 81 624 371 394 520 574 118 390 12
473 26 533 107 53 122 814 965+ 93 731 460 153 433 145 583 95 303 519 643 765 735 189 53 246 689 65 5 132 687 345 444
223 175 60 163 65 208 821+ 428 230 840+ 305 11 132 226 426 705 363 11 176 791 95 196+ 167 806+ 284 641 147 740+ 163
655 239 88 245 588+ 30 179 310 477 166 559+ 450 364 107 177 156 529+ 11 429 351 15 181 283 201 524 13 212 524 288 363
442 199 550 54 558 207 92 60 551+ 543+ 293 202 353 511+ 267 511+ 371 387 457 337 201 404+ 222 62 458+ 356+ 353 163 31
340 229 444+ 315+ 182 156 329 364+ 291 179 376+ 384+ 268 292+ 142 413+ 266+ 194 320 181 285 301+ 348 197 382+ 303+
296+ 180 186 145 269+ 300+ 284+ 350 272+ 292+ 332+ 285 259+ 110 286 270 81 131 225+ 269 225+ 243+ 279+ 276+ 135 79 59
240+ 202+ 235+ 105 224+ 239 237+ 173+ 252+ 221+ 185+ 92+ 13 222+ 192+ 183 211+ 175+ 197+ 203+ 116 188+ 191+ 105+ 174+
177+
"""
LUNG = Published(
    tuple(float(word.rstrip("+")) for word in LUNG_DRAWN.split()),
    tuple(int(not word.endswith("+")) for word in LUNG_DRAWN.split()),
)
