//! `claimlint waiver`: the waivers of the configuration on a day.

use serde_json::{Value, json};

use crate::cli::args::RuleFlags;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::history_args::{WaiverArgs, WaiverCommand, WaiverListArgs};
use crate::cli::refdata_args::ListFormat;
use crate::cli::{amounts, flags, reference, streams};
use crate::config::waivers::{Waiver, WaiverState};
use crate::error::Result;
use crate::lint::registry::Registry;
use crate::model::visible::visible;
use crate::model::{Date, Field, RuleId};

/// A waiver with what it is on the day.
type Listed = (Waiver, WaiverState);

/// Runs a command of `claimlint waiver`.
pub fn waiver(args: &WaiverArgs, context: &Context) -> Result<Exit> {
    let (of, only_expired) = match &args.command {
        WaiverCommand::List(of) => (of, false),
        WaiverCommand::Prune(of) => (of, true),
    };
    let (day, registry, mut all) = listed(of, context)?;
    if only_expired {
        all.retain(|(_, state)| matches!(state, WaiverState::Expired(_)));
    }
    let code = |id: &RuleId| registry.get(*id).map_or("", |rule| rule.info.code);
    let text = match of.output_format {
        ListFormat::Json => {
            let all: Vec<Value> = all.iter().map(|listed| document(listed, code)).collect();
            let document = json!({ "as_of": day.to_string(), "waivers": all });
            format!("{document:#}\n")
        }
        ListFormat::Text => {
            let mut text = all.iter().map(|listed| said(listed, code)).collect::<String>();
            text.push_str(&closing(day, all.len() as u64, only_expired));
            text
        }
    };
    streams::print(&text)?;
    Ok(Exit::Clean)
}

/// The waivers of the configuration, the day, and what each is on it.
fn listed(args: &WaiverListArgs, context: &Context) -> Result<(Date, Registry, Vec<Listed>)> {
    let rules = RuleFlags { as_of: args.as_of.clone(), ..RuleFlags::default() };
    let loaded = context.load(flags::rule_layer(&rules))?;
    let (settings, registry) = (loaded.settings, loaded.registry);
    let day = settings.reference.as_of.unwrap_or_else(reference::today);
    let all = settings.waivers.into_iter().map(|waiver| {
        let state = waiver.state(day)?;
        Ok((waiver, state))
    });
    Ok((day, registry, all.collect::<Result<_>>()?))
}

fn closing(day: Date, number: u64, only_expired: bool) -> String {
    match (number, only_expired) {
        (0, true) => format!("no waiver has expired by {day}\n"),
        (0, false) => "no waivers\n".to_owned(),
        (_, true) => {
            format!("{} to delete, as of {day}\n", amounts::counted(number, "expired waiver"))
        }
        (_, false) => format!("{}, as of {day}\n", amounts::counted(number, "waiver")),
    }
}

/// The word for a state, and what there is to say of the days.
fn words(state: WaiverState, expires: Date) -> (&'static str, String) {
    let days = |days: i32| amounts::counted(days.unsigned_abs().into(), "day");
    match state {
        WaiverState::NotYet(wait) => ("not-yet", format!("begins in {}", days(wait))),
        WaiverState::InForce(0) => ("in-force", format!("until {expires}, the last day")),
        WaiverState::InForce(left) => ("in-force", format!("until {expires}, {} left", days(left))),
        WaiverState::Expired(ago) => ("expired", format!("since {} after {expires}", days(ago))),
    }
}

/// What a waiver matches, as it would be written.
fn matching(waiver: &Waiver) -> Vec<(String, &[String])> {
    let fields = waiver.fields.iter().map(|(field, texts)| {
        let key = match field {
            Field::Modifier1 => "modifier".to_owned(),
            field => field.name().replace('_', "-"),
        };
        (key, texts.as_slice())
    });
    let files = Some(("file".to_owned(), waiver.files.as_slice()));
    files.into_iter().filter(|(_, files)| !files.is_empty()).chain(fields).collect()
}

fn said((waiver, state): &Listed, code: impl Fn(&RuleId) -> &'static str) -> String {
    let (word, days) = words(*state, waiver.expires);
    let codes: Vec<&str> = waiver.rules.iter().map(code).collect();
    let matching: Vec<String> = matching(waiver)
        .into_iter()
        .map(|(key, texts)| format!("{key} = {}", texts.join(" | ")))
        .collect();
    let lines = [
        format!("{}: {word} {days}: {}", waiver.origin, codes.join(", ")),
        format!("  match: {}", matching.join(", ")),
        format!("  reason: {} ({})", waiver.reason, waiver.approver),
    ];
    lines.iter().map(|line| format!("{}\n", visible(line))).collect()
}

fn document((waiver, state): &Listed, code: impl Fn(&RuleId) -> &'static str) -> Value {
    let (word, _) = words(*state, waiver.expires);
    let matching: serde_json::Map<String, Value> =
        matching(waiver).into_iter().map(|(key, texts)| (key, json!(texts))).collect();
    json!({
        "where": waiver.origin.to_string(),
        "state": word,
        "days": match state {
            WaiverState::NotYet(days) | WaiverState::InForce(days) | WaiverState::Expired(days) => {
                days
            }
        },
        "rules": waiver.rules.iter().map(code).collect::<Vec<_>>(),
        "match": matching,
        "reason": waiver.reason,
        "approver": waiver.approver,
        "granted": waiver.granted.map(|day| day.to_string()),
        "expires": waiver.expires.to_string(),
    })
}
