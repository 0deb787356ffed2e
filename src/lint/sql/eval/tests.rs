//! The kernels against what SQL means, said value by value.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::lint::Knowledge;
use crate::lint::sql::check::Checker;
use crate::lint::sql::eval::{Evaluator, ordered, scalar};
use crate::lint::sql::frame::Frame;
use crate::lint::sql::slots::Slot;
use crate::lint::sql::syntax::parse;
use crate::lint::sql::table::TableRow;
use crate::lint::sql::typed::{Fold, Node, Order, Typed};
use crate::lint::sql::values::Value;
use crate::lint::sql::vector::{Builder, Vector, View};
use crate::lint::sql::{Names, Table};
use crate::model::Vocabulary;
use crate::model::cell::MissingWords;
use crate::model::{Date, Field, Modifiers};

fn knowledge() -> Knowledge {
    let vocabulary = Vocabulary { missing: MissingWords::new([""]), modifiers: Default::default() };
    Knowledge {
        category_one: Default::default(),
        category_two: Default::default(),
        vocabulary: Arc::new(vocabulary),
        footers: Vec::new(),
        reference: Default::default(),
        as_of: Date::END,
    }
}

/// A line: what each column says.
#[derive(Debug, Clone, Default)]
struct Row {
    cells: BTreeMap<Slot, Value>,
    modifiers: Modifiers,
}

fn text(text: &str) -> Value {
    Value::Text(text.as_bytes().to_vec())
}

/// What an expression means over one line, or over the lines of a group.
fn slow(typed: &Typed, rows: &[Row], at: usize) -> Value {
    let value = |part: &Typed| slow(part, rows, at);
    let flag = |part: &Typed| match value(part) {
        Value::Flag(flag) => Some(flag),
        _ => None,
    };
    let told = |told: Option<bool>| told.map_or(Value::Null, Value::Flag);
    let Some(row) = rows.get(at) else { return Value::Null };
    match &typed.node {
        Node::Null => Value::Null,
        Node::Flag(value) => Value::Flag(*value),
        Node::Text(text) => Value::Text(text.clone()),
        Node::Date(days) => Value::Date(*days),
        Node::Number(value) => Value::Number(*value),
        Node::Slot(Slot::Modifiers) => match row.modifiers.malformed {
            0 => Value::Number(row.modifiers.as_slice().len() as i128),
            _ => Value::Null,
        },
        Node::Slot(slot) => row.cells.get(slot).cloned().unwrap_or(Value::Null),
        Node::Scaled(of, by) => match value(of) {
            Value::Number(value) => Value::Number(value * 10_i128.pow(*by)),
            other => other,
        },
        Node::And(all) => settled(&all.iter().map(value).collect::<Vec<_>>(), false),
        Node::Or(all) => settled(&all.iter().map(value).collect::<Vec<_>>(), true),
        Node::Not(of) => told(flag(of).map(|flag| !flag)),
        Node::Compare(order, one, other) => {
            let (one, other) = (value(one), value(other));
            told(ordered(*order, one.view(), other.view()))
        }
        Node::IsNull(of) => Value::Flag(value(of) == Value::Null),
        Node::IsFlag(of, wanted) => Value::Flag(flag(of) == Some(*wanted)),
        Node::IsDistinct(one, other) => Value::Flag(value(one) != value(other)),
        Node::InTexts(..)
        | Node::InNumbers(..)
        | Node::HasModifier(_)
        | Node::Like(..)
        | Node::Matches(..) => slow_set(&typed.node, &value, row),
        Node::Case(cases, other) => {
            let held = cases.iter().find(|(when, _)| flag(when) == Some(true));
            held.map_or_else(|| value(other), |(_, then)| value(then))
        }
        Node::Coalesce(all) => {
            all.iter().map(value).find(|value| *value != Value::Null).unwrap_or(Value::Null)
        }
        Node::InTable(table, key, day) => in_table(table, &value(key), &value(day)),
        Node::Fold(fold, of, filter) => slow_fold(*fold, of, filter.as_deref(), rows),
        Node::Active(..) | Node::Lookup(..) => Value::Null,
        Node::Call(..)
        | Node::Arithmetic(..)
        | Node::Shift(..)
        | Node::Days(..)
        | Node::Concat(..) => {
            let parts: Vec<Value> = typed.parts().into_iter().map(value).collect();
            let views: Vec<View<'_>> = parts.iter().map(Value::view).collect();
            scalar::value(&typed.node, &views)
        }
    }
}

/// What conditions come to of which one that is `by` settles it.
fn settled(all: &[Value], by: bool) -> Value {
    match () {
        () if all.contains(&Value::Flag(by)) => Value::Flag(by),
        () if all.contains(&Value::Null) => Value::Null,
        () => Value::Flag(!by),
    }
}

/// Whether a value is one of a set, or like a pattern.
fn slow_set(node: &Node, value: &dyn Fn(&Typed) -> Value, row: &Row) -> Value {
    match node {
        Node::InTexts(of, texts) => match value(of) {
            Value::Text(text) => Value::Flag(texts.contains(&text)),
            _ => Value::Null,
        },
        Node::InNumbers(of, numbers) => match value(of) {
            Value::Number(value) => Value::Flag(numbers.contains(&value)),
            Value::Date(days) => Value::Flag(numbers.contains(&i128::from(days))),
            _ => Value::Null,
        },
        Node::HasModifier(of) => match value(of) {
            Value::Text(wanted) => {
                let wanted = wanted.to_ascii_uppercase();
                let has = row.modifiers.as_slice().iter().any(|own| own.as_slice() == wanted);
                let told = (has || row.modifiers.malformed == 0).then_some(has);
                told.map_or(Value::Null, Value::Flag)
            }
            _ => Value::Null,
        },
        Node::Like(of, like) => match value(of) {
            Value::Text(text) => Value::Flag(like.matches(&text)),
            _ => Value::Null,
        },
        Node::Matches(of, pattern) => match value(of) {
            Value::Text(text) => Value::Flag(pattern.is_match(&text)),
            _ => Value::Null,
        },
        _ => Value::Null,
    }
}

fn in_table(table: &Table, key: &Value, day: &Value) -> Value {
    let Value::Text(key) = key else { return Value::Null };
    let Some(rows) = table.rows.get(std::str::from_utf8(key).unwrap_or("\0")) else {
        return Value::Flag(false);
    };
    match day {
        _ if !table.is_dated => Value::Flag(true),
        Value::Date(day) => Value::Flag(rows.iter().any(|row| {
            let (from, to) = row.days;
            from.is_none_or(|from| from.days() <= *day) && to.is_none_or(|to| to.days() >= *day)
        })),
        _ => Value::Null,
    }
}

fn slow_fold(fold: Fold, of: &Typed, filter: Option<&Typed>, rows: &[Row]) -> Value {
    let counts =
        |at: &usize| filter.is_none_or(|filter| slow(filter, rows, *at) == Value::Flag(true));
    let all: Vec<Value> = (0..rows.len()).filter(counts).map(|at| slow(of, rows, at)).collect();
    let known: Vec<&Value> = all.iter().filter(|value| **value != Value::Null).collect();
    match fold {
        Fold::Count => Value::Number(known.len() as i128),
        Fold::CountDistinct => {
            let mut known = known;
            known.sort();
            known.dedup();
            Value::Number(known.len() as i128)
        }
        Fold::Sum => {
            let numbers = known.iter().map(|value| match value {
                Value::Number(number) => *number,
                _ => 0,
            });
            if known.is_empty() { Value::Null } else { Value::Number(numbers.sum()) }
        }
        Fold::Min => known.into_iter().min().cloned().unwrap_or(Value::Null),
        Fold::Max => known.into_iter().max().cloned().unwrap_or(Value::Null),
        Fold::Any => settled(&all, true),
        Fold::All => settled(&all, false),
    }
}

const SLOTS: [Slot; 6] = [
    Slot::Text(Field::PlaceOfService),
    Slot::Code,
    Slot::Text(Field::Payer),
    Slot::Date(Field::ServiceDate),
    Slot::Cents(Field::Charge),
    Slot::Units,
];

fn columns(rows: &[Row]) -> BTreeMap<Slot, Vector> {
    let column = |slot: Slot| {
        let mut builder = Builder::new(slot.kind(), rows.len());
        rows.iter()
            .for_each(|row| builder.push(row.cells.get(&slot).unwrap_or(&Value::Null).view()));
        (slot, builder.finish())
    };
    let mut columns: BTreeMap<Slot, Vector> = SLOTS.into_iter().map(column).collect();
    let modifiers: Arc<[Modifiers]> = rows.iter().map(|row| row.modifiers).collect();
    columns.insert(Slot::Modifiers, Vector::Modifiers(modifiers));
    columns
}

fn names() -> Names {
    let row = |days| TableRow { days, cells: Vec::new() };
    let day = |text: &[u8]| Date::parse(text).value();
    let dated =
        vec![row((day(b"2024-01-01"), day(b"2024-06-30"))), row((day(b"2025-01-01"), None))];
    let table = |is_dated, rows: Vec<TableRow>| {
        let rows = ["11", "99213"].into_iter().map(|key| (key.to_owned(), rows.clone())).collect();
        Arc::new(Table { columns: Vec::new(), is_dated, rows })
    };
    let tables = BTreeMap::from([
        ("dated".to_owned(), table(true, dated)),
        ("plain".to_owned(), table(false, vec![row((None, None))])),
    ]);
    Names { tables, ..Names::default() }
}

/// Random expressions, as text, by kind.
fn condition(depth: u32) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        (word(0), order(), word(0)).prop_map(|(a, o, b)| format!("{a} {o} {b}")),
        (amount(0), order(), amount(0)).prop_map(|(a, o, b)| format!("{a} {o} {b}")),
        (day(0), order(), day(0)).prop_map(|(a, o, b)| format!("{a} {o} {b}")),
        Just("'25' IN modifiers".to_owned()),
        Just("NULL".to_owned()),
        Just("TRUE".to_owned()),
        (word(0), prop::bool::ANY).prop_map(|(a, dated)| {
            format!("{a} IN tables.{}", if dated { "dated" } else { "plain" })
        }),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let c = || condition(depth - 1);
    prop_oneof![
        leaf,
        (c(), c()).prop_map(|(a, b)| format!("({a} AND {b})")),
        (c(), c(), c()).prop_map(|(a, b, d)| format!("({a} OR {b} OR {d})")),
        c().prop_map(|a| format!("NOT ({a})")),
        (c(), c()).prop_map(|(a, b)| format!("(({a}) = ({b}))")),
        (c(), c()).prop_map(|(a, b)| format!("(({a}) IS DISTINCT FROM ({b}))")),
        c().prop_map(|a| format!("(({a}) IS NOT TRUE)")),
        (word(1), word(1), word(1)).prop_map(|(a, b, d)| format!("{a} BETWEEN {b} AND {d}")),
        (word(1), word(0), word(0)).prop_map(|(a, b, d)| format!("{a} NOT IN ({b}, {d}, NULL)")),
        (word(1), "[0-9%_]{0,4}").prop_map(|(a, like)| format!("{a} LIKE '{like}'")),
        (word(1), "[0-9]{1,2}").prop_map(|(a, like)| format!("REGEXP_LIKE({a}, '^{like}')")),
        (amount(1), order(), amount(1)).prop_map(|(a, o, b)| format!("{a} {o} {b}")),
        (amount(1), amount(0)).prop_map(|(a, b)| format!("{a} IN (1, 2.50, {b})")),
        (day(1), order(), day(1)).prop_map(|(a, o, b)| format!("{a} {o} {b}")),
        (day(0), day(0)).prop_map(|(a, b)| format!("{a} IN ({b}, '2024-03-01')")),
        amount(1).prop_map(|a| format!("({a}) IS NULL")),
    ]
    .boxed()
}

fn order() -> BoxedStrategy<&'static str> {
    prop_oneof![Just("="), Just("<>"), Just("<"), Just("<="), Just(">"), Just(">=")].boxed()
}

fn word(depth: u32) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        Just("place_of_service".to_owned()),
        Just("procedure_code".to_owned()),
        Just("payer".to_owned()),
        Just("'11'".to_owned()),
        Just("'99213'".to_owned()),
        Just("'A payer with a long name'".to_owned()),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let w = || word(depth - 1);
    prop_oneof![
        leaf,
        (w(), w()).prop_map(|(a, b)| format!("({a} || {b})")),
        (w(), -2..4, 0..4).prop_map(|(a, from, count)| format!("SUBSTR({a}, {from}, {count})")),
        (w(), 0..4).prop_map(|(a, count)| format!("LEFT({a}, {count})")),
        (w(), w()).prop_map(|(a, b)| format!("COALESCE({a}, {b})")),
        (w(), w()).prop_map(|(a, b)| format!("NULLIF({a}, {b})")),
        w().prop_map(|a| format!("UPPER(TRIM({a}))")),
        (condition(0), w(), w())
            .prop_map(|(c, a, b)| format!("CASE WHEN {c} THEN {a} ELSE {b} END")),
        amount(0).prop_map(|a| format!("TRY_CAST({a} AS TEXT)")),
    ]
    .boxed()
}

fn amount(depth: u32) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        Just("charge".to_owned()),
        Just("units".to_owned()),
        Just("2".to_owned()),
        Just("1.5".to_owned()),
        Just("-0.25".to_owned()),
        Just("CARDINALITY(modifiers)".to_owned()),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let a = || amount(depth - 1);
    prop_oneof![
        leaf,
        (a(), a(), prop_oneof![Just("+"), Just("-"), Just("*"), Just("/"), Just("%")])
            .prop_map(|(a, b, sign)| format!("({a} {sign} {b})")),
        (a(), 0..3).prop_map(|(a, digits)| format!("ROUND({a}, {digits})")),
        a().prop_map(|a| format!("FLOOR(ABS({a}))")),
        (a(), a()).prop_map(|(a, b)| format!("GREATEST({a}, {b})")),
        (day(0), day(0)).prop_map(|(a, b)| format!("(COALESCE({a}, DATE '2024-01-01') - {b})")),
        day(0).prop_map(|a| format!("EXTRACT(DOW FROM {a})")),
        word(0).prop_map(|a| format!("TRY_CAST({a} AS DECIMAL)")),
        word(0).prop_map(|a| format!("LENGTH({a})")),
    ]
    .boxed()
}

fn day(depth: u32) -> BoxedStrategy<String> {
    let leaf = prop_oneof![Just("service_date".to_owned()), Just("DATE '2024-02-29'".to_owned())];
    if depth == 0 {
        return leaf.boxed();
    }
    prop_oneof![
        leaf,
        (day(depth - 1), -40..40).prop_map(|(a, days)| format!("({a} + {days})")),
        day(depth - 1).prop_map(|a| format!("({a} - INTERVAL '13' MONTH)")),
        (day(0), day(0)).prop_map(|(a, b)| format!("LEAST({a}, {b})")),
    ]
    .boxed()
}

/// Random conditions over a group.
fn of_group() -> BoxedStrategy<String> {
    let fold = prop_oneof![
        condition(1).prop_map(|c| format!("COUNT(*) FILTER (WHERE {c})")),
        word(1).prop_map(|a| format!("COUNT(DISTINCT {a})")),
        amount(1).prop_map(|a| format!("COUNT({a})")),
        (amount(0), condition(0)).prop_map(|(a, c)| format!("SUM({a}) FILTER (WHERE {c})")),
        amount(0).prop_map(|a| format!("AVG({a})")),
        amount(1).prop_map(|a| format!("MAX({a})")),
        (day(0), day(0)).prop_map(|(a, b)| format!("(MAX({a}) - MIN({b}))")),
    ];
    let test = prop_oneof![
        (fold.clone(), order(), 0..4).prop_map(|(f, o, n)| format!("{f} {o} {n}")),
        (fold.clone(), order(), fold).prop_map(|(f, o, g)| format!("{f} {o} {g}")),
        condition(1).prop_map(|c| format!("ANY({c})")),
        condition(1).prop_map(|c| format!("EVERY({c})")),
        word(0).prop_map(|a| format!("MIN({a}) = '11'")),
    ];
    (test.clone(), test).prop_map(|(a, b)| format!("{a} AND NOT ({b})")).boxed()
}

fn a_row() -> impl Strategy<Value = Row> {
    let word = prop_oneof![
        Just(Value::Null),
        Just(text("11")),
        Just(text("99213")),
        Just(text("A payer with a long name")),
        "[0-9a-é]{0,14}".prop_map(|word| text(&word)),
    ];
    let date = prop_oneof![Just(Value::Null), (19_700_i32..20_200).prop_map(Value::Date)];
    let number = |most: i128| {
        prop_oneof![
            Just(Value::Null),
            Just(Value::Number(250)),
            (-most..most).prop_map(Value::Number),
            (-3_000_i128..3_000).prop_map(Value::Number),
        ]
    };
    let modifiers = (prop::collection::vec("[25X]{2}", 0..4), prop::bool::weighted(0.2));
    (
        word.clone(),
        word.clone(),
        word,
        date,
        (number(1_000_000_000_000_000), number(10_000_000)),
        modifiers,
    )
        .prop_map(|(place, code, payer, date, (charge, units), (pairs, malformed))| {
            let values = [place, code, payer, date, charge, units];
            let mut modifiers = Modifiers::default();
            modifiers.malformed = u8::from(malformed);
            for pair in pairs {
                modifiers.push(pair.as_bytes().try_into().unwrap());
            }
            Row { cells: SLOTS.into_iter().zip(values).collect(), modifiers }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_condition_over_lines_is_what_it_means(
        expression in condition(2), rows in prop::collection::vec(a_row(), 0..70),
    ) {
        let names = names();
        // What could be too large is refused, and there is nothing to compare.
        let Ok(typed) = Checker::new(&names, false).flag(&parse(&expression).unwrap()) else {
            return Ok(());
        };
        let knowledge = knowledge();
        let frame = Frame::of_columns(rows.len(), columns(&rows), &knowledge);
        let flags = Evaluator::of_lines(&frame).flags(&typed);
        prop_assert_eq!(flags.len(), rows.len());
        for at in 0..rows.len() {
            let want = match slow(&typed, &rows, at) {
                Value::Flag(flag) => Some(flag),
                _ => None,
            };
            prop_assert_eq!(flags.get(at), want, "{} in line {}", expression, at);
        }
    }

    #[test]
    fn a_condition_over_groups_is_what_it_means(
        expression in of_group(), sizes in prop::collection::vec(1_usize..9, 0..9),
        rows in prop::collection::vec(a_row(), 72),
    ) {
        let names = names();
        let Ok(typed) = Checker::new(&names, true).flag(&parse(&expression).unwrap()) else {
            return Ok(());
        };
        let knowledge = knowledge();
        let frame = Frame::of_columns(rows.len(), columns(&rows), &knowledge);
        let mut first = 0;
        let groups: Vec<Range<usize>> = sizes.iter().map(|size| {
            first += size;
            first - size..first
        }).collect();
        let evaluator = Evaluator { frame: &frame, groups: Some(&groups), wanted: None };
        let flags = evaluator.flags(&typed);
        for (at, group) in groups.iter().enumerate() {
            let want = match slow(&typed, &rows[group.clone()], 0) {
                Value::Flag(flag) => Some(flag),
                _ => None,
            };
            prop_assert_eq!(flags.get(at), want, "{} in group {}", expression, at);
        }
    }
}

/// Were most of them refused, nothing would be compared.
#[test]
fn nearly_all_random_expressions_are_taken() {
    let names = names();
    let mut runner = TestRunner::deterministic();
    for (of_group, expressions) in [(false, condition(2)), (true, of_group())] {
        let taken = (0..200).filter(|_| {
            let expression = expressions.new_tree(&mut runner).unwrap().current();
            Checker::new(&names, of_group).flag(&parse(&expression).unwrap()).is_ok()
        });
        let taken = taken.count();
        assert!(taken > 150, "{taken} of 200, of groups: {of_group}");
    }
}

#[test]
fn orders_are_those_of_values() {
    assert_eq!(ordered(Order::Less, View::Text(b"a"), View::Text(b"b")), Some(true));
    assert_eq!(ordered(Order::Is, View::Null, View::Null), None);
}
