//! The words of an expression.

/// What is wrong with an expression, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The byte of the text at which it is wrong.
    pub at: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Wrong {
    /// Something wrong at a byte.
    pub fn new(at: usize, message: impl Into<String>) -> Wrong {
        Wrong { at, message: message.into(), help: None }
    }

    /// The same, with what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Wrong {
        self.help = Some(help.into());
        self
    }
}

/// A word of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// A name or a keyword as written.
    Name(String),
    /// A name in double quotes, without them.
    Quoted(String),
    /// A text in single quotes, without them.
    Text(String),
    /// A number: its digits as a whole number, and how many of them stand after the point.
    Number(i128, u8),
    /// A sign: an operator, a bracket, a comma or a point.
    Sign(&'static str),
    /// The end of the expression.
    End,
}

/// The signs there are, the longer ones first.
const SIGNS: [&str; 21] = [
    "<>", "!=", "<=", ">=", "||", "::", "==", "(", ")", ",", ".", "+", "-", "*", "/", "%", "=",
    "<", ">", "[", "]",
];

/// Characters of a name: no header is longer, and messages show it.
const NAME_MAX: usize = 200;
/// Digits of a number, before and after its point.
const DIGITS_MAX: usize = 15;
/// Digits after the point.
const SCALE_MAX: usize = 6;

/// The words of an expression, each with the byte at which it begins; the last one is the end.
///
/// # Errors
/// What is no word: an unknown sign, a quote that is not closed, a number that is too long.
pub fn words(text: &str) -> Result<Vec<(Word, usize)>, Wrong> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(first) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        if first.is_whitespace() {
            at += first.len_utf8();
        } else if rest.starts_with("--") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if first.is_ascii_alphabetic() || first == '_' {
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let name = rest.get(..length).unwrap_or_default();
            words.push((Word::Name(refuse_long(name, at)?.to_owned()), at));
            at += length;
        } else if first.is_ascii_digit() || (first == '.' && starts_with_digit(rest.get(1..))) {
            let (word, length) = number(rest, at)?;
            words.push((word, at));
            at += length;
        } else if first == '\'' || first == '"' {
            let (inner, length) = quoted(rest, first, at)?;
            words.push(if first == '"' {
                refuse_long(&inner, at)?;
                (Word::Quoted(inner), at)
            } else {
                (Word::Text(inner), at)
            });
            at += length;
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            words.push((Word::Sign(sign), at));
            at += sign.len();
        } else {
            let wrong = Wrong::new(at, format!("`{}` means nothing here", first.escape_default()));
            return Err(match first {
                ';' => wrong.with_help("a rule is one expression, without a semicolon"),
                '“' | '”' | '‘' | '’' => {
                    wrong.with_help("write straight quotes: ' around texts")
                }
                _ => wrong,
            });
        }
    }
    words.push((Word::End, text.len()));
    Ok(words)
}

fn refuse_long(name: &str, at: usize) -> Result<&str, Wrong> {
    match name.chars().nth(NAME_MAX) {
        Some(_) => Err(Wrong::new(at, format!("a name of more than {NAME_MAX} characters"))),
        None => Ok(name),
    }
}

fn starts_with_digit(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.starts_with(|c: char| c.is_ascii_digit()))
}

/// The number that a text begins with, and its length.
fn number(text: &str, at: usize) -> Result<(Word, usize), Wrong> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(text);
    let mut length = whole;
    let mut scale = 0;
    if text.get(whole..).is_some_and(|rest| rest.starts_with('.')) {
        scale = digits(text.get(whole + 1..).unwrap_or_default());
        length += 1 + scale;
    }
    if starts_with_name(text.get(length..)) {
        return Err(Wrong::new(at, "a number runs into a name")
            .with_help("codes are texts: write '99213' and '0001F' in single quotes"));
    }
    let all: String = text.chars().take(length).filter(char::is_ascii_digit).collect();
    if whole > DIGITS_MAX || scale > SCALE_MAX {
        return Err(Wrong::new(at, "a number with too many digits")
            .with_help(format!("at most {DIGITS_MAX} before the point and {SCALE_MAX} after it")));
    }
    let value = all.parse().map_err(|_| Wrong::new(at, "a number that cannot be read"))?;
    Ok((Word::Number(value, scale as u8), length))
}

fn starts_with_name(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
}

/// What stands between the quote that a text begins with and the next; two of them are one.
fn quoted(text: &str, quote: char, at: usize) -> Result<(String, usize), Wrong> {
    let mut inner = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((place, c)) = chars.next() {
        if c != quote {
            inner.push(c);
        } else if chars.next_if(|(_, next)| *next == quote).is_some() {
            inner.push(quote);
        } else {
            return Ok((inner, place + 1));
        }
    }
    Err(Wrong::new(at, format!("a {quote} that is not closed")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart() {
        let told = words("a_1 >= .5 -- note\n || \"B c\"\"d\" 'it''s'").unwrap();
        let told: Vec<Word> = told.into_iter().map(|(word, _)| word).collect();
        let want = [
            Word::Name("a_1".to_owned()),
            Word::Sign(">="),
            Word::Number(5, 1),
            Word::Sign("||"),
            Word::Quoted("B c\"d".to_owned()),
            Word::Text("it's".to_owned()),
            Word::End,
        ];
        assert_eq!(told, want);
    }

    #[test]
    fn what_is_no_word_is_named_with_its_place() {
        for (text, at) in [
            ("a ; b", 2),
            ("a = 'x", 4),
            ("a = \"x", 4),
            ("code = 0001F", 7),
            ("a = 1.1234567", 4),
            ("a = 1234567890123456", 4),
            ("a = ‘x’", 4),
            ("a = é", 4),
            ("a \u{0} b", 2),
        ] {
            assert_eq!(words(text).unwrap_err().at, at, "{text}");
        }
    }
}
