import pytest

from ostatok.intake.table import HeaderError
from tests.intake.reading import refusals, rows, table


def complaint(header: bytes) -> str:
    with pytest.raises(HeaderError) as caught:
        table(header)
    return str(caught.value)


def test_columns_stand_in_any_order_and_an_optional_one_may_be_missing() -> None:
    assert rows(b"ref,account,amount\nr1,100001,5\n") == {2: ["100001", "5", "r1", ""]}


def test_a_semicolon_separates_where_the_header_has_it() -> None:
    assert rows(b"account;amount;ref;memo\n1;2;r;a, b\n") == {2: ["1", "2", "r", "a, b"]}


def test_where_semicolons_separate_a_comma_may_stand_before_decimals_of_amounts_alone() -> None:
    content = b"account;amount;ref;memo\n1,5;-2,50;3,5;4,5\n1;2.5;r;\n1;1,234,5;r;\n"

    assert [values[:3] for values in rows(content).values()] == [
        ["1,5", "-2.50", "3,5"],
        ["1", "2.5", "r"],
        ["1", "1,234,5", "r"],
    ]


def test_where_commas_separate_a_comma_within_an_amount_is_left_to_be_refused() -> None:
    assert rows(b'account,amount,ref\n1,"2,5",r\n') == {2: ["1", "2,5", "r", ""]}


def test_names_of_columns_may_be_quoted_and_in_capitals() -> None:
    assert rows(b'"Account", "AMOUNT","ref"\n1,2,r\n') == {2: ["1", "2", "r", ""]}


def test_a_header_is_refused_with_what_is_missing_unknown_and_twice() -> None:
    assert complaint(b"acount,amount,amount\n") == (
        "line 1 must name the columns: unknown column 'acount': did you mean \"account\"?; missing account, ref;"
        " column 'amount' stands there twice"
    )


def test_a_file_without_a_header_names_all_columns_as_missing() -> None:
    assert "missing account, amount, ref" in complaint(b"100001,5,r1\n")


def test_an_empty_file_is_refused() -> None:
    assert "the file is empty" in complaint(b"")


def test_a_header_in_another_encoding_is_refused_with_advice() -> None:
    assert "--encoding cp1251" in complaint("счёт,сумма\n".encode("cp1251"))


def test_blank_lines_and_rows_of_empty_cells_are_passed_over() -> None:
    content = b"account,amount,ref\n\n,,\n , ,\n1,2,r\n,\n"

    assert rows(content) == {5: ["1", "2", "r", ""]}
    assert refusals(content) == {}


def test_a_row_with_more_or_fewer_columns_is_refused_with_its_line() -> None:
    content = b"account,amount,ref\n1,2\n1,2,r\n1,2,r,x\n"

    assert refusals(content) == {2: "the row has 2 columns, the header 3", 4: "the row has 4 columns, the header 3"}
    assert list(rows(content)) == [3]


def test_quotes_hold_delimiters_doubled_quotes_and_line_breaks() -> None:
    content = 'account,amount,ref,memo\n1,2,r,"ООО ""Ромашка"", этаж 2\nвход со двора"\n3,4,s,\n'.encode()

    assert rows(content) == {2: ["1", "2", "r", 'ООО "Ромашка", этаж 2\nвход со двора'], 4: ["3", "4", "s", ""]}


def test_a_quote_within_an_unquoted_cell_is_an_ordinary_character() -> None:
    assert rows(b'account,amount,ref,memo\n1,2,r,5" pipe\n3,4,s,\n') == {
        2: ["1", "2", "r", '5" pipe'],
        3: ["3", "4", "s", ""],
    }


@pytest.mark.parametrize(
    "following",
    [
        b"3,4,s,ok\n5,6,t,ok\n",
        b'3,4,s,"ok"\n5,6,t,"ok"\n',
        b'3,4,s,"\n5,6,t,""\n',
        b'"3","4","s","ok"\n"5","6","t","ok"\n',
    ],
    ids=["plain", "quoted memos", "a second open quote", "all quoted"],
)
def test_an_unclosed_quote_costs_its_own_row_and_no_other(following: bytes) -> None:
    content = b'account,amount,ref,memo\n1,2,r,"oops\n' + following

    bad = refusals(content)

    assert 2 in bad
    assert set(bad) <= {2, 3}
    assert 4 in rows(content)


def test_the_line_where_an_unclosed_quote_opened_is_told() -> None:
    content = b'account,amount,ref\n1,2,r\n3,4,"s\n' + b"\n".join(b"%d,1,t%d" % (n, n) for n in range(500))

    assert refusals(content) == {3: "a quote is opened here and not closed"}
    assert len(rows(content)) == 501


def test_an_unclosed_quote_before_lines_that_are_no_rows_ends_after_a_hundred_of_them() -> None:
    content = b'account,amount,ref\n1,2,"r\n' + b"x\n" * 150 + b"3,4,s\n"

    bad = refusals(content)

    assert bad[2] == "a quote is opened here and not closed"
    assert bad[3] == "the row has 1 columns, the header 3"
    assert len(bad) == 151
    assert rows(content) == {153: ["3", "4", "s", ""]}


def test_a_quote_does_not_reach_over_a_line_that_cannot_be_read() -> None:
    content = b'account,amount,ref\n1,2,"r\n\xff\n"\n3,4,s\n'

    assert set(refusals(content)) >= {2, 3}
    assert 5 in rows(content)


def test_text_after_a_closing_quote_is_refused_with_how_to_write_it() -> None:
    assert 'write a quote within quotes twice ("")' in refusals(b'account,amount,ref\n1,2,"r" x\n')[2]


def test_remarks_of_a_file_of_refused_rows_are_passed_over() -> None:
    content = b"account,amount,ref,memo,refused_line,refused_reason,refused_message\n1,2,r,m,17,conflict,no\n"

    assert rows(content) == {2: ["1", "2", "r", "m"]}
