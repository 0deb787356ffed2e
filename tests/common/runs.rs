//! Exports with all kinds of findings, and what runs over them report.

#![allow(dead_code, reason = "each test target uses a part of it")]

use crate::program::Folder;
use serde_json::Value;

/// The columns of the exports.
pub const HEADER: &str =
    "claim_id,line,payer,dos,cpt,modifier_1,pos,rendering_npi,billing_npi,charge";

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) as usize % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

/// Rows with every kind of finding: of lines, of claims, and of lines that are compared.
pub fn rows(number: usize, seed: u64) -> Vec<Vec<String>> {
    let mut dice = Dice(seed);
    let row = |at: usize| {
        let claim = dice.roll(number / 3 + 1);
        let claim = if dice.roll(9) == 0 { String::new() } else { format!("C{claim}") };
        let cells = [
            claim.as_str(),
            &(at % 5).to_string(),
            dice.pick(&["ACME", "Acme West", "Other"]),
            dice.pick(&["2026-03-01", "2026-03-02"]),
            dice.pick(&["99213", "99213", "3044F", "1036F", "9921", "", "0042T"]),
            dice.pick(&["", "", "25", "1P"]),
            dice.pick(&["11", "22"]),
            dice.pick(&["", "1234567893", "1999028586"]),
            "1234567893",
            dice.pick(&["0.00", "10.50", "20.00", "x"]),
        ]
        .map(str::to_owned);
        cells.to_vec()
    };
    (0..number).map(row).collect()
}

/// An export of these rows.
pub fn csv(rows: &[Vec<String>]) -> String {
    let rows = rows.iter().map(|row| format!("{}\n", row.join(",")));
    format!("{HEADER}\n{}", rows.collect::<String>())
}

/// What a run reports.
pub struct Seen {
    /// The findings, as JSON has them.
    pub findings: Vec<Value>,
    /// The summary.
    pub summary: Value,
    /// What was told.
    pub stderr: String,
}

/// Checks `export.csv` on a fixed day.
pub fn check(folder: &Folder, more: &[&str]) -> Seen {
    let shared = ["check", "export.csv", "-f", "json", "--as-of", "2026-06-30"];
    let run = folder.run(&[&shared, more].concat());
    assert!(run.exit == 0 || run.exit == 1, "{}", run.stderr);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    Seen {
        findings: document["findings"].as_array().unwrap().clone(),
        summary: document["summary"].clone(),
        stderr: run.stderr,
    }
}

/// An amount.
pub fn cents(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}
