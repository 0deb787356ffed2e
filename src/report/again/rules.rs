//! The rules of a run that is rendered again: those that come with the program, and those of the
//! user's, as the summary of the run tells of them.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::model::field::normalize;
use crate::model::rule::Own;
use crate::model::{Field, RuleCategory, RuleId, RuleInfo, Scope, Severity};
use crate::report::again::summary::unknown;

/// Rules by code.
pub struct Rules(Vec<&'static RuleInfo>);

impl Rules {
    /// These rules, sorted by code.
    pub fn new(rules: impl Iterator<Item = &'static RuleInfo>) -> Rules {
        let mut rules: Vec<&'static RuleInfo> = rules.collect();
        rules.sort_by_key(|info| info.code);
        Rules(rules)
    }

    /// Adds a rule, unless there is one with its code. It lives as long as the program, as all do.
    pub fn add(&mut self, info: RuleInfo) {
        if let Err(at) = self.0.binary_search_by_key(&info.code, |known| known.code) {
            self.0.insert(at, Box::leak(Box::new(info)));
        }
    }

    /// The rule with a code. The number is its place among them, so it is right only once all are
    /// there.
    pub fn find(&self, code: &str) -> Option<(RuleId, &'static RuleInfo)> {
        let at = self.0.binary_search_by_key(&code, |info| info.code).ok()?;
        Some((RuleId(u16::try_from(at).ok()?), self.0.get(at)?))
    }
}

/// What a rule of the user's says of itself in the summary of a run: by the time that is read, the
/// rule may be another, or gone.
#[derive(Serialize, Deserialize)]
pub struct OwnRule {
    severity: String,
    category: String,
    scope: String,
    needs: Vec<String>,
    fix: String,
    doc: String,
    file: String,
    url: String,
    owner: String,
}

impl OwnRule {
    /// What a rule says; nothing of one that comes with the program.
    pub fn of(info: &RuleInfo) -> Option<OwnRule> {
        let own = info.own?;
        let needs = info.needs.iter().map(|field| info.name_of(*field).to_owned());
        Some(OwnRule {
            severity: info.severity.name().to_owned(),
            category: info.category.name().to_owned(),
            scope: info.scope.name().to_owned(),
            needs: needs.collect(),
            fix: info.fix.to_owned(),
            doc: info.doc.to_owned(),
            file: info.file.to_owned(),
            url: own.url.to_owned(),
            owner: own.owner.to_owned(),
        })
    }

    /// The rule, with what is said of every rule.
    ///
    /// # Errors
    /// A word that this version does not know.
    pub fn info(
        &self,
        code: &str,
        name: &str,
        title: &str,
        others: &mut Others,
    ) -> Result<RuleInfo> {
        let leak = |text: &str| -> &'static str { text.to_owned().leak() };
        let mut named: Vec<(Field, &'static str)> = Vec::new();
        let mut needs = Vec::new();
        for need in &self.needs {
            let other = || others.field(need).inspect(|field| named.push((*field, leak(need))));
            let field = Field::from_name(need).or_else(other);
            needs.push(field.ok_or_else(|| unknown("a column"))?);
        }
        Ok(RuleInfo {
            code: leak(code),
            name: leak(name),
            title: leak(title),
            fix: leak(&self.fix),
            scope: Scope::from_name(&self.scope).ok_or_else(|| unknown("a scope"))?,
            category: RuleCategory::from_name(&self.category)
                .ok_or_else(|| unknown("a category"))?,
            severity: Severity::from_name(&self.severity).ok_or_else(|| unknown("a severity"))?,
            since: "",
            reads: &[],
            needs: needs.leak(),
            doc: leak(&self.doc),
            file: leak(&self.file),
            own: Some(Own { url: leak(&self.url), owner: leak(&self.owner), others: named.leak() }),
        })
    }
}

/// The columns that rules of the user's named by their header, in the order in which they are met.
#[derive(Default)]
pub struct Others(Vec<String>);

impl Others {
    /// The field for a header name; nothing for one too many.
    fn field(&mut self, name: &str) -> Option<Field> {
        let name = normalize(name);
        let at = self.0.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.0.push(name);
            self.0.len() - 1
        });
        Field::OTHERS.get(at).copied()
    }

    /// Header names with their fields.
    pub fn fields(&mut self, names: Vec<String>) -> Vec<(Field, String)> {
        names.into_iter().filter_map(|name| Some((self.field(&name)?, name))).collect()
    }
}
