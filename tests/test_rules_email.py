"""Email addresses: one, and several separated by commas (SPEC.md sections 4.4 and 5). The oracle is email-validator."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import email_validator
import pytest
from cost import instructions
from hypothesis import example, given
from hypothesis import strategies as st

from commspec.rules.email import address_lists_ok, addresses_ok, check_address, check_addresses

# Addresses of email-validator's own tests, in which are those of pyIsEmail, and of RFC 3696 and 5321, sorted as section 5 has it.
GOOD = [
    "Abc@example.tld",
    "Abc.123@test-example.com",
    "user+mailbox/department=shipping@example.tld",
    "!#$%&'*+-/=?^_`.{|}~@example.tld",
    "!#$%&`*+/=?^`{|}~@iana.org",
    "jeff@臺網中心.tw",
    "伊昭傑@郵件.商務",
    "राम@मोहन.ईन्फो",
    "юзер@екзампл.ком",
    "θσερ@εχαμπλε.ψομ",
    "葉士豪@臺網中心.台灣",
    "ñoñó@example.tld",
    "чебурашкаящик-с-апельсинами.рф@example.tld",
    "उदाहरण.परीक्ष@domain.with.idn.tld",
    "ιωάννης@εεττ.gr",
    "test@nominet.org.uk",
    "test@about.museum",
    "a@iana.org",
    "123@iana.org",
    "test@123.com",
    "test@mason-dixon.com",
    "test@g--a.com",
    "test@xn--hxajbheg2az3al.xn--jxalpdlp",
    "xn--test@iana.org",
    "anything@test",
    "anything@mycompany.test",
    "customer/department=shipping@example.com",
    "$A12345@example.com",
    "!def!xyz%abc@example.com",
    "_somename@example.com",
    "1@a.b",
    "a@b.c-d.e",
    f"{'a' * 64}@iana.org",
    f"test@{'b' * 63}.com",
    f"{'a' * 61}@{'b' * 63}.{'c' * 63}.{'d' * 61}.ee",
]
BAD = [
    "test",
    "@",
    "test@",
    "@io",
    "@iana.org",
    "test@io",
    "my@localhost",
    "my@no-period",
    "my@.leadingdot.com",
    "my@．leadingfwdot.com",
    "my@twodots..com",
    "my@trailingdot.com.",
    "my@trailingfwdot.com．",
    "me@-leadingdash",
    "me@－leadingdashfw",
    "me@trailingdash-",
    "my@baddash.-.com",
    "my@baddash.-a.com",
    "my@baddash.b-.com",
    "my@example.com\n",
    "my@example\n.com",
    "me@x!",
    "me@x ",
    ".leadingdot@domain.com",
    "twodots..here@domain.com",
    "trailingdot.@domain.email",
    "me@⒈wouldbeinvalid.com",
    "white space@test",
    "test@white space",
    "\nmy@example.com",
    "m\ny@example.com",
    'bad"quotes"@example.com',
    'obsolete."quoted".atom@example.com',
    f"test@{'b' * 64}.com",
    f"{'a' * 62}@{'b' * 63}.{'c' * 63}.{'d' * 61}.ee",
    f"my@{'λ' * 60}.info",
    f"{'a' * 200}@{'ü' * 30}.com",
    "me@bad-tld-1",
    "me@bad.tld-2",
    "me@xn--0.tld",
    "me@yy--0.tld",
    "me@yy－－0.tld",
    "me@[127.0.0.1]",
    "me@[IPv6:::1]",
    "me@[tag:text]",
    "test@a[255.255.255.255]",
    "me@anything.arpa",
    "me@valid.invalid",
    "me@link.local",
    "me@LINK.Local",
    "me@host.localhost",
    "me@onion.onion.onion",
    "\u2005@test",
    "test@\u2028",
    "\u0300@test",
    "\u200b@test",
    "test@\u202dforward-\u202ereversed",
    "\ud800@test",
    "\ue000@test",
    "\ufdef@test",
    '"test"@iana.org',
    '""@iana.org',
    '"quoted,comma"@iana.org',
    '"quoted.with.at@"@example.com',
    "test\\@test@iana.org",
    "a@b@c.com",
    " test @iana.org",
    "test@ iana .com",
    "test . test@iana.org",
    " test@iana.org",
    "test@iana.org ",
    "(comment)test@iana.org",
    "test@(comment)iana.org",
    "test@iana.org-",
    "test@iana/icann.org",
    "test@exa_mple.org",
    "\x7f@iana.org",
    "test@iana.org\r",
    "Ann <ann@example.com>",
    "<ann@example.com>",
]


def is_valid(address: str) -> bool:
    """What email-validator says, called as section 5 calls it."""
    try:
        email_validator.validate_email(address, check_deliverability=False, test_environment=True)
    except email_validator.EmailNotValidError:
        return False
    return True


def all_valid(text: str) -> bool:
    """The sentence on lists of section 5: empty, or good items between commas, spaces and tabs around them aside."""
    return text == "" or all(is_valid(item.strip(" \t\u00a0\u3000")) for item in text.split(","))


odd = st.sampled_from("abAB01.-@é中。．＠\u0301\u200bא \"'<>,;:()[]\\!_+/=|\t\n\u00a0") | st.integers(0, 0x10FFFF).map(chr)
pieces = odd | st.sampled_from(["--", "..", "xn--", "example", ".com", ".c", ".local", ".Onion", ".test", "a" * 30, "b" * 63])
near_addresses = (
    st.sampled_from(GOOD + BAD)
    | st.lists(pieces, max_size=10).map("".join)
    | st.builds("{}@{}.{}".format, *[st.lists(pieces, min_size=1, max_size=3).map("".join)] * 3)
    | st.builds(lambda text, at, piece: text[:at] + piece + text[at:], st.sampled_from(GOOD), st.integers(0, 30), pieces)
)
near_lists = st.lists(near_addresses | st.sampled_from(["", " ", "a@example.com", " b@example.org\t"]), max_size=4).map(",".join)


class TestOneAddress:
    """`check_address` and its columnar twin."""

    def test_good(self) -> None:
        """What is published as an address is one."""
        assert [address for address in GOOD if check_address(address) or not addresses_ok([address])] == []

    def test_bad(self) -> None:
        """What is published as none is none."""
        assert [text for text in BAD if check_address(text) is None or addresses_ok([text])] == []

    def test_published(self) -> None:
        """The two tables above say what email-validator says."""
        assert [text for text in GOOD + BAD if is_valid(text) != (text in GOOD)] == []

    @given(near_addresses)
    @example("a@b.c,d@e.f")
    def test_verdict(self, text: str) -> None:
        """A text is refused exactly where email-validator refuses it, for being a list exactly where each of its items is good."""
        fault = check_address(text)
        expected = "email.list" if "," in text and all_valid(text) else "email.syntax"
        assert (fault and fault.code) == (None if is_valid(text) else expected)

    @given(st.lists(near_addresses | st.sampled_from(GOOD), max_size=4))
    @example([])
    @example(["a@example.com", "a@example.com"])
    @example(["a@example.com", "a@b"])
    @example(["a@b", "a@b"])
    def test_column(self, column: list[str]) -> None:
        """A column is good exactly where each of its addresses is."""
        assert addresses_ok(column) == all(map(is_valid, column))

    @given(
        st.lists(
            st.tuples(
                st.text("ab.-+@,é\ud800", max_size=4) | st.sampled_from(["a" * 55, "a" * 56]), st.sampled_from(["@example.com", "@a.bc"])
            ),
            min_size=9,
            max_size=12,
        ),
        st.sampled_from(
            [
                "@example.com",
                "@a.bc",
                "@b",
                "@localhost",
                "@é.example",
                "@-a.bc",
                "",
                ",",
                "@a@b.cd",
                "@a.bc@b@a.bc",
                "@example.com@example.com",
            ]
        ),
        st.integers(0, 8),
    )
    @example([("a", "@example.com")] * 9 + [("b@c,d", "")], "", 0)
    @example([("a", "@example.com")] * 9 + [("b,c,d", "")], "@example.com", 0)
    @example([("a@b", "@example.com"), (",c", "@example.com")] + [("d", "@example.com")] * 8, "@example.com", 0)
    @example([("a", "@example.com")] * 9, "@example.com@b@example.com", 5)
    @example([("a", "@example.com"), ("b", "@a.bc")] * 5, "@a.bc@b@a.bc", 5)
    def test_column_of_few_domains(self, parts: list[tuple[str, str]], other: str, place: int) -> None:
        """A column whose addresses share two domains, but for one, is good exactly where each of its addresses is."""
        column = [local + domain for local, domain in parts]
        column[place] = parts[place][0] + other
        assert addresses_ok(column) == all(map(is_valid, column))

    @pytest.mark.parametrize("code", range(128))
    def test_column_of_one_domain_with_any_character(self, code: int) -> None:
        """Each character of ASCII, once and twice, at the start, inside and at the end of a local part, is judged in a column as email-validator judges it."""
        for piece in (chr(code), 2 * chr(code)):
            for local in (f"{piece}ab", f"a{piece}b", f"ab{piece}"):
                column = [*[f"a{number}@example.com" for number in range(8)], f"{local}@example.com"]
                assert addresses_ok(column) == is_valid(column[-1])
                assert addresses_ok(column[::-1]) == is_valid(column[-1])

    @given(near_addresses, st.integers(0, 40), st.sampled_from(["a", "a.", "é", "\u0301", "<", '"', " "]))
    def test_long(self, text: str, at: int, filling: str) -> None:
        """email-validator, which is not asked about them, accepts none of more than 254 characters."""
        assert not is_valid(text[:at] + filling * 255 + text[at:])

    @pytest.mark.parametrize("name", email_validator.SPECIAL_USE_DOMAIN_NAMES)
    def test_reserved(self, name: str) -> None:
        """A name that email-validator holds to be reserved is judged as it does, in any letter case."""
        for address in (f"a@b.{name}", f"a@b.{name.upper()}", f"a@{name}.com", f"a@b.x{name}", f"a@b.{name}x"):
            assert (check_address(address) is None) == is_valid(address)

    def test_blank(self) -> None:
        """An empty text is no address."""
        assert check_address("") == ("email.syntax", "there is nothing in it", "write it as name@example.com")


class TestLists:
    """`check_addresses` and its columnar twin."""

    @given(near_lists)
    @example("")
    @example("a@example.com,\u3000b@example.com")
    def test_verdict(self, text: str) -> None:
        """A list is refused exactly where one of its items is."""
        fault = check_addresses(text)
        assert (fault and fault.code) == (None if all_valid(text) else "email.syntax")

    @given(st.lists(near_lists | st.sampled_from(["", *GOOD, "a@example.com, b@example.com"]), max_size=4))
    @example([])
    @example(["", ""])
    @example(["", " "])
    @example(["a@example.com,", "b@example.com"])
    @example([" a@example.com ", "\tb@example.com,c@example.com\u3000"])
    def test_column(self, column: list[str]) -> None:
        """A column is good exactly where each of its lists is."""
        assert address_lists_ok(column) == all(map(all_valid, column))

    @pytest.mark.parametrize("line_break", ["\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
    def test_line_breaks(self, line_break: str) -> None:
        """Line breaks are no white space around an item: a header would go on with them."""
        assert check_addresses(f"a@example.com,{line_break}b@example.com") is not None
        assert not address_lists_ok([f"a@example.com{line_break}"])

    @pytest.mark.parametrize(
        ("text", "message", "hint"),
        [
            ("a@example.com,,b@example.com", "item [1] of the list: there is nothing in it", "write a@example.com, b@example.com"),
            ("a@example.com,", "item [1] of the list: there is nothing in it", "write a@example.com"),
            (" \t", "there is nothing in it but white space", "leave it empty"),
            ("a@example.com, b@", "item [1] of the list: there is nothing after the @", None),
        ],
    )
    def test_items(self, text: str, message: str, hint: str | None) -> None:
        """An empty item is refused, white space alone too, and the message says which item it is."""
        assert check_addresses(text) == ("email.syntax", message, hint)


class TestMessages:
    """What is said of a refused address."""

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("qz.example.com", "there is no @ in it"),
            ("q@z@example.com", "there are 2 @ in it"),
            ("@example.com", "there is nothing before the @"),
            ("qz@", "there is nothing after the @"),
            ("q z@example.com", "character 2 is U+0020, which no address holds"),
            ("qz@exa\u200bmple.com", "character 7 is U+200B, which no address holds"),
            ("qz@exa_mple.com", "character 7 is U+005F, which no domain holds"),
            (".qz@example.com", "the part before the @ begins with a period"),
            ("qz.@example.com", "the part before the @ ends with a period"),
            ("q..z@example.com", "the part before the @ has two periods in a row"),
            ("\u0301qz@example.com", "the part before the @ is not of a valid form"),
            ("qz@example.com.", "the part after the @ ends with a period"),
            ("qz@example..com", "the part after the @ has two periods in a row"),
            ("qz@-example.com", "the part after the @ has a hyphen at the start or end of a label"),
            ("qz@example-.com", "the part after the @ has a hyphen at the start or end of a label"),
            (f"qz@{'e' * 64}.com", "the part after the @ has a label of more than 63 characters"),
            ("qz@example", "the part after the @ has no period"),
            ("qz@example.c0", "the part after the @ ends with a digit"),
            ("qz@printer.local", "the part after the @ is reserved for other uses than mail"),
            ("qz@ab--c.com", "the part after the @ has a label with two hyphens as third and fourth character"),
            ("qz@xn--0.com", "the part after the @ is not of a valid form"),
            (f"{'q' * 240} @example.com", "character 241 is U+0020, which no address holds"),
            (f"{'q' * 241} @example.com", "character 242 is U+0020, which no address holds"),
            (f"{'q' * 242} @example.com", "255 octets in UTF-8; an address has 254 at most"),
            (f"{'q' * 243}@example.com", "255 octets in UTF-8; an address has 254 at most"),
            (f"{'q' * 60}@{'ü.' * 24}com", "it is too long once its domain is encoded"),
        ],
    )
    def test_reason(self, text: str, message: str) -> None:
        """The message names the character, the part or the length that is wrong."""
        fault = check_address(text)
        assert fault is not None
        assert fault.message == message

    @given(st.text('QZXJ@.-,; <>\u200b"', min_size=1, max_size=300))
    def test_privacy(self, text: str) -> None:
        """No message holds a letter of the address: none has a Q, Z, X or J of its own."""
        for fault in (check_address(text), check_addresses(text)):
            assert fault is None or not re.search("[QZXJ]", fault.message)

    @pytest.mark.parametrize(
        ("text", "hint"),
        [
            ("Ann <ann@example.com>", "write ann@example.com"),
            ('"Doe, Ann" <ann@example.com>', "write ann@example.com"),
            ("<ann@example.com>", "write ann@example.com"),
            ("'ann@example.com'", "write ann@example.com"),
            ("mailto:ann@example.com", "write ann@example.com"),
            ("MAILTO:ann@example.com?subject=Hi", "write ann@example.com"),
            ("ann@example.com.", "write ann@example.com"),
            ("ann@example.com,", "write ann@example.com"),
            (" ann@example.com\u00a0", "write ann@example.com"),
            ("ann @ example.com", "write ann@example.com"),
            ("ann＠example．com", "write ann@example.com"),
            ("ann！﹫example.com", "write ann!@example.com"),
            ("ann～＠example.com", "write ann~@example.com"),
            ('"ann@example.com."', "write ann@example.com"),
            ('"ann@example.com".', "write ann@example.com"),
            ("(ann@example.com):", "write ann@example.com"),
            ("ann@example.com".rjust(500), "write ann@example.com"),
            ("ann@example.com".rjust(501), None),
            ("{ann@example.com}.", "write ann@example.com"),
            ("Doe, Ann <ann@example.com>", "write ann@example.com"),
            ("Ann <ann@example.com> (work)", "write ann@example.com"),
            ("ann@exam\x7fple\x9f.com", "write ann@example.com"),
            ("ann@example.com\tAnn", None),
            ("\tann@example.com\t", "write ann@example.com"),
            ("<ª①ℌ@example.com>", "write ª①ℌ@example.com"),
            ("\ufeffann@exam\u200bple.com", "write ann@example.com"),
            ("ann@example.com; bob@example.com", "write one address, and a message for each of the others"),
            ("ann@example.com, bob@example.com", "write one address, and a message for each of the others"),
            ("ann.example.com", "write it as name@example.com"),
            ("ann smith@example.com", None),
            ("ann@example", None),
        ],
    )
    def test_hint_for_one(self, text: str, hint: str | None) -> None:
        """Each likely mistake has a hint that says what to write instead, where that is clear."""
        fault = check_address(text)
        assert fault is not None
        assert fault.hint == hint

    @pytest.mark.parametrize(
        ("text", "hint"),
        [
            ("ann@example.com; bob@example.com", "write ann@example.com, bob@example.com"),
            ("ann@example.com bob@example.com", "write ann@example.com, bob@example.com"),
            ("ann@example.com\tbob@example.com", "write ann@example.com, bob@example.com"),
            ("Ann <ann@example.com> Bob <bob@example.com>", "write ann@example.com, bob@example.com"),
            ("Doe, Ann <ann@example.com>", "write ann@example.com"),
            ("Doe, Ann <ann@example.com>, Doe, Bob <bob@example.com>", "write ann@example.com, bob@example.com"),
            ("ann@example.com，bob@example.com", "write ann@example.com,bob@example.com"),
            ("Ann <ann@example.com>, bob@example.com", "write ann@example.com, bob@example.com"),
            ('"Doe, Ann" <ann@example.com>; Bob <bob@example.com>', "write ann@example.com, bob@example.com"),
            ("; ".join(["ann@example.com"] * 100), None),
        ],
    )
    def test_hint_for_several(self, text: str, hint: str | None) -> None:
        """A list written in another way is proposed as the documents have it, where that is short."""
        fault = check_addresses(text)
        assert fault is not None
        assert fault.hint == hint

    def test_which_item(self) -> None:
        """Of several the message says which is none, counted from 0; of one alone it says only what is wrong."""
        for text, where in (("a", ""), ("a, a@example.com", "item [0] of the list: "), ("a@example.com, a", "item [1] of the list: ")):
            fault = check_addresses(text)
            assert fault is not None
            assert fault.message == f"{where}there is no @ in it"

    @given(near_lists)
    def test_proposals(self, text: str) -> None:
        """What a hint proposes is good, and fit for a terminal."""
        for check, good in ((check_address, is_valid), (check_addresses, all_valid)):
            fault = check(text)
            proposed = re.fullmatch("write (?!one |it as )(.*)", (fault and fault.hint) or "")
            assert proposed is None or (good(proposed[1]) and proposed[1].isprintable())


class TestCost:
    """Steps and imports."""

    @pytest.mark.parametrize(
        "text",
        [
            lambda n: "a" * n,
            lambda n: "a." * (n // 2),
            lambda n: "@" * n,
            lambda n: "," * n,
            lambda n: " " * n,
            lambda n: "<" * n,
            lambda n: '"' * n,
            lambda n: "a@" + "b-" * (n // 2) + ".com",
            lambda n: "a@" + "٣" * n + ".com",
            lambda n: "a" + "\u0301" * n + "@example.com",
            lambda n: "a@example.com; " * (n // 15),
            lambda n: ", ".join(["a@example.com"] * (n // 15)) + ", a@b",
        ],
        ids=["letters", "periods", "at", "commas", "spaces", "brackets", "quotes", "hyphens", "digits", "marks", "semicolons", "list"],
    )
    def test_megabyte(self, text: Callable[[int], str]) -> None:
        """A megabyte is refused, whatever it is made of, and eight times a text takes about eight times as many steps; patterns are looked at elsewhere."""

        def refuse(length: int) -> None:
            assert check_address(text(length)) is not None
            assert check_addresses(text(length)) is not None
            assert not addresses_ok([text(length)])
            assert not address_lists_ok([text(length)])

        refuse(1_000_000)
        assert instructions(lambda: refuse(16_000)) < 12 * instructions(lambda: refuse(2_000))

    def test_long_list(self) -> None:
        """A megabyte of good addresses is a good list."""
        text = ", ".join(f"ann.{number}@example.com" for number in range(40_000))
        assert check_addresses(text) is None
        assert address_lists_ok([text, "", text])

    def test_import(self) -> None:
        """Plain addresses are judged without email-validator."""
        code = "import sys; from commspec.rules.email import *; check_addresses('a@example.com, b+c@shop.example.org')"
        code += "; sys.exit('email_validator' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
