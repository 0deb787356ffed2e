//! How text from data, numbers and money are written in reports for people.
//!
//! Nothing from data may steer a terminal: an escape sequence in a claim number could hide a line,
//! an invisible character could make two codes look alike. Such characters are shown by number.

use std::fmt::Write as _;

use crate::model::Cents;

pub use crate::model::visible::visible;

/// Visible text of at most `columns` characters; `…` stands for what was cut off.
pub fn cut(text: &str, columns: usize) -> String {
    // A cell may be a megabyte; no more of it is made visible than can be shown.
    let few: String = text.chars().take(columns + 1).collect();
    let shown = visible(&few);
    if shown.chars().count() <= columns {
        return shown.into_owned();
    }
    shown.chars().take(columns.saturating_sub(1)).chain(['…']).collect()
}

/// A number with commas between groups of three digits: `12,408`.
pub fn digits(number: impl Into<u128>) -> String {
    let plain = number.into().to_string();
    let mut grouped = String::with_capacity(plain.len() + plain.len() / 3);
    for (at, digit) in plain.chars().enumerate() {
        if at > 0 && (plain.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number and what it counts, in singular or plural: `1 line`, `12,408 lines`.
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", digits(number))
}

/// An exact amount for people: `$1,234.50`.
pub fn money(amount: Cents) -> String {
    let sign = if amount.0 < 0 { "-" } else { "" };
    let cents = amount.0.unsigned_abs();
    format!("{sign}${}.{:02}", digits(cents / 100), cents % 100)
}

/// A number of bytes in the largest unit that leaves at least one: `1.2 GiB`. Rounded down.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut text = counted(bytes, "byte");
    for (power, unit) in (1_u32..).zip(UNITS) {
        let one = 1_u128 << (10 * power);
        if u128::from(bytes) < one {
            break;
        }
        let tenths = u128::from(bytes) * 10 / one;
        text.clear();
        // Writing into a String cannot fail.
        let _ = write!(text, "{}.{} {unit}", digits(tenths / 10), tenths % 10);
    }
    text
}

/// Text as GitHub's workflow commands want it after `::`; a line break would end the command.
pub fn command_text(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text as GitHub's workflow commands want it as a property, where `:` and `,` divide.
pub fn command_property(text: &str) -> String {
    command_text(text).replace(':', "%3A").replace(',', "%2C")
}

/// Text from data as a Markdown code span: the one place where no markup, HTML, link or mention
/// is active. Works inside tables.
pub fn code_span(text: &str) -> String {
    let text = visible(text);
    if text.is_empty() {
        return String::new();
    }
    // A span is closed by as many backticks as opened it, so it opens with more than the text has.
    let fence = "`".repeat(longest_run_of_backticks(&text) + 1);
    let edge = |character: char| character == '`' || character == ' ';
    let pad = if text.starts_with(edge) || text.ends_with(edge) { " " } else { "" };
    // A table is divided before spans are looked for, and `\|` is the only way to keep a bar.
    format!("{fence}{pad}{}{pad}{fence}", text.replace('|', "\\|"))
}

fn longest_run_of_backticks(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

/// Our own words as Markdown text: punctuation that could be read as Markdown is escaped.
pub fn prose(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in visible(text).chars() {
        if "\\`*_[]<>|~&#$@!".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_steers_or_hides_is_shown_by_number() {
        let hidden = [
            0..=0x1f,
            0x7f..=0x9f,
            0xad..=0xad,
            0x61c..=0x61c,
            0x200b..=0x200f,
            0x2028..=0x202e,
            0x2060..=0x2060,
            0x2066..=0x2069,
            0xfeff..=0xfeff,
        ];
        for number in hidden.into_iter().flatten() {
            let character = char::from_u32(number).unwrap();
            assert_eq!(visible(&character.to_string()), format!("\\u{{{number:x}}}"));
        }
        assert_eq!(visible("a\u{1b}[31mb\n"), "a\\u{1b}[31mb\\u{a}");
        for plain in ["", "CLM0099", "Müller, é 日本 …", "00123", "\u{a0}"] {
            assert!(matches!(visible(plain), std::borrow::Cow::Borrowed(same) if same == plain));
        }
    }

    #[test]
    fn cutting_says_that_it_cut() {
        assert_eq!(cut("12345", 5), "12345");
        assert_eq!(cut("123456", 5), "1234…");
        assert_eq!(cut("é\u{202e}x", 24), "é\\u{202e}x");
        assert_eq!(cut("\u{202e}\u{202e}", 10), "\\u{202e}\\…");
    }

    #[test]
    fn numbers_are_grouped_and_exact() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (9_412_806, "9,412,806")] {
            assert_eq!(digits(number as u64), text);
        }
        assert_eq!(digits(u64::MAX), "18,446,744,073,709,551,615");
        assert_eq!(counted(1, "line"), "1 line");
        assert_eq!(counted(0, "line"), "0 lines");
        for (cents, text) in [
            (0, "$0.00"),
            (123_450, "$1,234.50"),
            (41_234_510, "$412,345.10"),
            (-500, "-$5.00"),
            (-5, "-$0.05"),
        ] {
            assert_eq!(money(Cents(cents)), text);
        }
    }

    #[test]
    fn sizes_have_one_decimal() {
        for (bytes, text) in [
            (1, "1 byte"),
            (1023, "1,023 bytes"),
            (1024, "1.0 KiB"),
            (1_048_575, "1,023.9 KiB"),
            (1_288_490_189, "1.2 GiB"),
            (u64::MAX, "15.9 EiB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn workflow_commands_cannot_be_broken_out_of() {
        assert_eq!(command_text("50%\r\n::error::"), "50%25%0D%0A::error::");
        assert_eq!(command_property("a:b,c%"), "a%3Ab%2Cc%25");
    }

    #[test]
    fn a_code_span_holds_anything() {
        assert_eq!(code_span("99213"), "`99213`");
        assert_eq!(code_span(""), "");
        assert_eq!(code_span("a`b``c"), "```a`b``c```");
        assert_eq!(code_span("`"), "`` ` ``");
        assert_eq!(code_span("a|b\n<b>"), "`a\\|b\\u{a}<b>`");
        assert_eq!(prose("a_b <i> [x](y)"), "a\\_b \\<i\\> \\[x\\](y)");
    }
}
