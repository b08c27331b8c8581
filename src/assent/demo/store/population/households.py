"""Who there is: the households, their members, and how they speak and live. A table, and the people read from it.

Birth dates are written for a `today` in 2026; for another year all of them move by whole years, so that children stay
children.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Sex = Literal["female", "male", "other"]

_TABLE_YEAR: Final = 2026
_ADULT_AGE: Final = 18


@dataclass(frozen=True, slots=True)
class Household:
    """People at one address. `members`: given name, sex, birth date; `contact`: somebody outside, for emergencies."""

    family: str
    origin: str
    address: tuple[str, str, str, str]
    phone: str
    members: tuple[tuple[str, Sex, str], ...]
    contact: tuple[str, str, str] = ("", "", "")


@dataclass(frozen=True, slots=True)
class Resident:
    """One member of a household: a patient of the hospital."""

    id: str
    given: str
    sex: Sex
    birth_date: date
    household: Household

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given} {self.household.family}"

    @property
    def key(self) -> str:
        """The relative reference of the patient's record."""
        return f"Patient/{self.id}"

    def age_on(self, day: date) -> int:
        """Completed years."""
        before_birthday = (day.month, day.day) < (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - before_birthday

    def is_child_on(self, day: date) -> bool:
        """Whether the person is under 18."""
        return self.age_on(day) < _ADULT_AGE


# fmt: off
HOUSEHOLDS: Final = (
    Household("Okafor", "en african", ("14 Lantern Street", "Port Ellery", "MA", "01999"), "555-0100",
              (("Amy", "female", "1984-03-09"), ("Chidi", "male", "1981-08-17"))),
    Household("Weber", "de european", ("7 Linden Court", "Port Ellery", "MA", "01999"), "555-0101",
              (("Nora", "female", "1986-11-02"), ("Leo", "male", "2018-06-04"), ("Mia", "female", "2015-01-22"))),
    Household("García Romero", "es hispanic", ("220 Orchard Road", "Saltmarsh", "MA", "01998"), "555-0102",
              (("Sofía", "female", "1991-05-30"), ("Diego", "male", "1989-02-12"),
               ("Valentina", "female", "2019-09-09"))),
    Household("Nguyễn", "vi asian", ("31 Mill Lane", "Saltmarsh", "MA", "01998"), "555-0103",
              (("Linh", "female", "1978-07-21"), ("Minh", "male", "1975-04-03"), ("Thảo", "female", "2009-12-15"))),
    Household("Kowalski", "pl european", ("5 Harbour View", "Port Ellery", "MA", "01999"), "555-0104",
              (("Halina", "female", "1950-10-11"), ("Piotr", "male", "1948-06-25"))),
    Household("Haddad", "ar middle-eastern", ("88 Cedar Avenue", "New Avonlea", "MA", "01997"), "555-0105",
              (("Layla", "female", "1995-03-18"), ("Omar", "male", "1992-10-05"), ("Yusuf", "male", "2022-04-27"))),
    Household("Patel", "gu asian", ("19 Juniper Close", "New Avonlea", "MA", "01997"), "555-0106",
              (("Priya", "female", "1987-01-14"), ("Rohan", "male", "1985-09-23"), ("Anika", "female", "2014-08-08"))),
    Household("Johnson", "en african", ("402 Station Road", "Port Ellery", "MA", "01999"), "555-0107",
              (("Marcus", "male", "1968-12-01"), ("Denise", "female", "1970-02-20"), ("Tyrell", "male", "2009-05-16"))),
    Household("Nakamura", "ja asian", ("3 Quarry Hill", "Saltmarsh", "MA", "01998"), "555-0108",
              (("Kenji", "male", "1959-03-03"), ("Yuki", "female", "1962-11-29"))),
    Household("O'Brien", "en european", ("61 Chapel Street", "Port Ellery", "MA", "01999"), "555-0109",
              (("Maeve", "female", "1943-04-19"), ("Finn", "male", "2001-07-07"))),
    Household("Silva", "pt hispanic", ("12 Ropewalk", "Port Ellery", "MA", "01999"), "555-0110",
              (("João", "male", "1982-05-11"), ("Beatriz", "female", "1984-12-24"), ("Tiago", "male", "2017-03-31"))),
    Household("Cohen", "he european", ("27 Garden Terrace", "New Avonlea", "MA", "01997"), "555-0111",
              (("Ruth", "female", "1939-08-13"), ("Eli", "male", "1966-01-27"))),
    Household("Begay", "nv native", ("9 Mesa Way", "Saltmarsh", "MA", "01998"), "555-0112",
              (("Nizhoni", "female", "1999-06-06"), ("Ashkii", "male", "2016-10-18"))),
    Household("Kim", "ko asian", ("140 Bridge Street", "Port Ellery", "MA", "01999"), "555-0113",
              (("Ji-soo", "female", "1993-02-26"), ("Min-jun", "male", "2020-07-12"))),
    Household("Andersson", "sv european", ("75 Lighthouse Road", "Port Ellery", "MA", "01999"), "555-0114",
              (("Astrid", "female", "1977-09-01"), ("Lars", "male", "1974-03-22"))),
    Household("Rossi", "it european", ("6 Vineyard Row", "New Avonlea", "MA", "01997"), "555-0115",
              (("Giulia", "female", "1990-04-28"), ("Matteo", "male", "2021-11-05"))),
    Household("Diallo", "fr african", ("33 Market Square", "Port Ellery", "MA", "01999"), "555-0116",
              (("Fatou", "female", "1988-08-02"), ("Mamadou", "male", "1984-01-09"),
               ("Aïssata", "female", "2013-05-25"))),
    Household("Smith", "en european", ("2 Almshouse Yard", "Saltmarsh", "MA", "01998"), "555-0117",
              (("Harold", "male", "1935-12-12"), ("Evelyn", "female", "1938-02-03"))),
    Household("Novák", "cs european", ("58 Foundry Lane", "Port Ellery", "MA", "01999"), "555-0118",
              (("Tomáš", "male", "1980-05-05"),), ("Jana", "Nováková", "SIS")),
    Household("Chen", "zh asian", ("17 Willow Walk", "New Avonlea", "MA", "01997"), "555-0119",
              (("Wei", "male", "1971-10-30"), ("Mei", "female", "1973-06-17"), ("Jun", "male", "2005-09-14"))),
    Household("Kealoha", "haw pacific", ("44 Tidewater Drive", "Saltmarsh", "MA", "01998"), "555-0120",
              (("Leilani", "female", "1996-01-31"),), ("Keoni", "Kealoha", "BRO")),
    Household("Ivanova", "ru european", ("90 Northgate", "Port Ellery", "MA", "01999"), "555-0121",
              (("Olga", "female", "1954-07-19"),), ("Irina", "Ivanova", "DAUC")),
    Household("Dubois", "fr european", ("8 Rue Basse", "New Avonlea", "MA", "01997"), "555-0122",
              (("Camille", "female", "2003-03-27"),), ("Hugo", "Dubois", "BRO")),
    Household("Abdi", "so african", ("21 Fairground Road", "Saltmarsh", "MA", "01998"), "555-0123",
              (("Hodan", "female", "1979-11-11"), ("Ayaan", "male", "2011-02-08"))),
    Household("Murphy", "en european", ("13 Signal Box Lane", "Port Ellery", "MA", "01999"), "555-0124",
              (("Seán", "male", "1961-05-20"),), ("Orla", "Murphy", "DAUC")),
    Household("Kaya", "tr middle-eastern", ("36 Mulberry Street", "New Avonlea", "MA", "01997"), "555-0125",
              (("Elif", "female", "1985-10-10"), ("Deniz", "male", "2012-04-23"))),
    Household("Singh", "pa asian", ("150 Canal Bank", "Port Ellery", "MA", "01999"), "555-0126",
              (("Gurpreet", "male", "1964-08-29"), ("Harleen", "female", "1967-03-12"))),
    Household("Taylor", "en european", ("4 Bakehouse Mews", "Port Ellery", "MA", "01999"), "555-0127",
              (("River", "other", "1997-12-21"),), ("Sage", "Moss", "FRND")),
    Household("Martínez", "es hispanic", ("67 Plaza Norte", "Saltmarsh", "MA", "01998"), "555-0128",
              (("Carlos", "male", "1956-02-14"), ("Rosa", "female", "1958-09-08"))),
    Household("Williams", "en african", ("25 Observatory Hill", "New Avonlea", "MA", "01997"), "555-0129",
              (("Aaliyah", "female", "2000-06-28"), ("Zion", "male", "2023-01-17"))),
    Household("Popescu", "ro european", ("11 Clockmaker Street", "Port Ellery", "MA", "01999"), "555-0130",
              (("Ioana", "female", "1994-10-02"),), ("Andrei", "Popescu", "BRO")),
    Household("Santos", "pt hispanic", ("52 Fishermen's Row", "Saltmarsh", "MA", "01998"), "555-0131",
              (("Maria", "female", "1959-05-12"),), ("Ana", "Santos", "DAUC")),
)
# fmt: on


def residents(today: date) -> Iterator[Resident]:
    """Everybody, household by household; nobody was born less than three years before `today`'s year."""
    for household in HOUSEHOLDS:
        for given, sex, born in household.members:
            yield Resident(_read_id(given), given, sex, _move(date.fromisoformat(born), today), household)


def _read_id(given: str) -> str:
    plain = unicodedata.normalize("NFKD", given.replace("đ", "d")).encode("ascii", "ignore").decode()
    return plain.lower()


def _move(born: date, today: date) -> date:
    return born.replace(year=born.year + today.year - _TABLE_YEAR)
