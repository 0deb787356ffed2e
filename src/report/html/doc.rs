//! The documentation of a rule, taken apart for a page: the little Markdown that rules write.

use crate::report::escape::cut;

/// A section under its heading.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The heading, without its marks.
    pub heading: String,
    /// What stands under it.
    pub blocks: Vec<Block>,
}

/// Something that stands on lines of its own.
#[derive(Debug, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Span>),
    /// The entries of a list.
    List(Vec<Vec<Span>>),
    /// Lines as they are.
    Code(String),
}

/// A part of a line.
#[derive(Debug, PartialEq, Eq)]
pub enum Span {
    /// Words.
    Text(String),
    /// Words between backticks.
    Code(String),
    /// Words between pairs of asterisks.
    Strong(String),
}

/// The sections of a documentation whose headings are among `wanted`, in their order there, with
/// at most so many characters of each.
pub fn sections(doc: &str, wanted: &[&str], columns: usize) -> Vec<Section> {
    let mut all = vec![Vec::new()];
    for line in doc.lines() {
        // A doc comment begins each line with a blank.
        let line = line.strip_prefix(' ').unwrap_or(line).trim_end();
        if line.starts_with("## ") {
            all.push(Vec::new());
        }
        all.last_mut().into_iter().for_each(|lines| lines.push(line));
    }
    let is_headed = |lines: &[&str], name: &str| {
        let heading = lines.first().and_then(|line| line.strip_prefix("## "));
        heading.is_some_and(|heading| heading.trim() == name)
    };
    let find = |name: &str| all.iter().find(|lines| is_headed(lines, name));
    let found = wanted.iter().filter_map(|name| Some((*name, find(name)?)));
    found.map(|(name, lines)| section(name, lines.get(1..).unwrap_or_default(), columns)).collect()
}

fn section(heading: &str, lines: &[&str], columns: usize) -> Section {
    let mut blocks = Vec::new();
    let (mut lines, mut room) = (lines.iter().copied().peekable(), columns);
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        if line.starts_with("```") {
            let code: Vec<&str> = lines.by_ref().take_while(|l| !l.starts_with("```")).collect();
            let code: Vec<String> = code.iter().map(|line| cut(line, 120)).collect();
            blocks.push(Block::Code(code.join("\n")));
            continue;
        }
        let mut text = line.to_owned();
        // A paragraph or an entry goes on until a blank line or the next entry.
        while let Some(more) = lines.next_if(|next| goes_on(next)) {
            text.push(' ');
            text.push_str(more.trim_start());
        }
        let text = cut(&text, room);
        room = room.saturating_sub(text.chars().count()).max(1);
        match (text.strip_prefix("- "), blocks.last_mut()) {
            (Some(entry), Some(Block::List(entries))) => entries.push(spans(entry)),
            (Some(entry), _) => blocks.push(Block::List(vec![spans(entry)])),
            (None, _) => blocks.push(Block::Paragraph(spans(&text))),
        }
    }
    Section { heading: heading.to_owned(), blocks }
}

fn goes_on(line: &str) -> bool {
    !line.is_empty() && !line.starts_with("- ") && !line.starts_with("```")
}

/// Words, code and what stands out. A mark without its twin is a character like any other.
fn spans(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut words = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let mark = if first == '`' { "`" } else { "**" };
        let inside = rest.strip_prefix(mark).and_then(|after| after.split_once(mark));
        if let Some((inside, after)) = inside.filter(|(inside, _)| !inside.is_empty()) {
            if !words.is_empty() {
                spans.push(Span::Text(std::mem::take(&mut words)));
            }
            let inside = inside.to_owned();
            spans.push(if mark == "`" { Span::Code(inside) } else { Span::Strong(inside) });
            rest = after;
        } else {
            words.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    if !words.is_empty() {
        spans.push(Span::Text(words));
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &str) -> Span {
        Span::Text(words.to_owned())
    }

    #[test]
    fn wanted_sections_are_found_in_the_order_wanted() {
        let doc = " ## What it checks\n A `code` of\n two lines.\n\n Again.\n\n ## Options\n - one\n \
                   \x20 more\n - **two**\n\n ```csv\n a,<b>\n ```\n\n ## Source\n CMS.\n";
        let got = sections(doc, &["Source", "Nothing", "Options", "What it checks"], 100);
        let headings: Vec<&str> = got.iter().map(|section| section.heading.as_str()).collect();
        assert_eq!(headings, ["Source", "Options", "What it checks"]);
        assert_eq!(got[0].blocks, [Block::Paragraph(vec![text("CMS.")])]);
        let entries = vec![vec![text("one more")], vec![Span::Strong("two".to_owned())]];
        assert_eq!(got[1].blocks, [Block::List(entries), Block::Code("a,<b>".to_owned())]);
        let first = vec![text("A "), Span::Code("code".to_owned()), text(" of two lines.")];
        let want = [Block::Paragraph(first), Block::Paragraph(vec![text("Again.")])];
        assert_eq!(got[2].blocks, want);
    }

    #[test]
    fn marks_without_a_twin_are_characters() {
        assert_eq!(spans("a ` b ** c"), [text("a ` b ** c")]);
        assert_eq!(spans("`` é"), [text("`` é")]);
    }

    #[test]
    fn a_long_section_is_cut() {
        let doc = format!("## Why\n{}\n\n{}\n", "x".repeat(4000), "y".repeat(4000));
        let got = sections(&doc, &["Why"], 1_500);
        let Block::Paragraph(first) = &got[0].blocks[0] else { panic!() };
        let Span::Text(first) = &first[0] else { panic!() };
        assert_eq!(first.chars().count(), 1_500);
        assert_eq!(got[0].blocks[1], Block::Paragraph(vec![text("…")]));
    }
}
