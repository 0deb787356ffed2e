//! Amounts for reading: counts with commas, bytes, times, rates.

use std::time::Duration;

/// `9,412,806`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `3 lines`, `1 line`.
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// `3 errors`, `1 warning`, `2 info`: findings by severity (info, warning, error), none without any.
pub fn by_severity([info, warnings, errors]: [u64; 3]) -> Vec<String> {
    let found = [(errors, "error"), (warnings, "warning")];
    let mut found: Vec<String> = found
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| counted(number, noun))
        .collect();
    if info > 0 {
        found.push(format!("{} info", count(info)));
    }
    found
}

/// `1.2 GiB`.
pub fn bytes(number: u64) -> String {
    scaled(number as f64, 1024.0, &["bytes", "KiB", "MiB", "GiB", "TiB"])
}

/// `10.4 M`: a number with a decimal prefix, and a space for the unit to follow.
fn decimal(number: f64) -> String {
    scaled(number, 1000.0, &["", "k", "M", "G"])
}

fn scaled(number: f64, step: f64, units: &[&str]) -> String {
    let mut number = number;
    let mut unit = "";
    for (at, name) in units.iter().enumerate() {
        unit = name;
        // A number that would be shown as a whole step goes to the next unit.
        if number < step - 0.05 || at + 1 == units.len() {
            break;
        }
        number /= step;
    }
    let shown = match units.first() {
        Some(first) if *first == unit => format!("{number:.0}"),
        _ => format!("{number:.1}"),
    };
    format!("{shown} {unit}").trim_end().to_owned()
}

/// `0.9 s`, `4 min 12 s`, `2 h 5 min`.
pub fn time(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// `10.4 M lines/s`.
pub fn rate(number: u64, noun: &str, time: Duration) -> String {
    // A run that took no time that can be measured is said to have taken a millisecond.
    let seconds = time.as_secs_f64().max(0.001);
    format!("{} {noun}/s", decimal(number as f64 / seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_people_write_them() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(9_412_806), "9,412,806");
        assert_eq!(counted(1, "file"), "1 file");
        assert_eq!(counted(1000, "line"), "1,000 lines");
        assert_eq!(bytes(0), "0 bytes");
        assert_eq!(bytes(1023), "1023 bytes");
        assert_eq!(bytes(1024), "1.0 KiB");
        assert_eq!(bytes((1 << 20) - 1), "1.0 MiB");
        assert_eq!(bytes(1_288_490_189), "1.2 GiB");
        assert_eq!(time(Duration::from_millis(900)), "0.9 s");
        assert_eq!(time(Duration::from_secs(252)), "4 min 12 s");
        assert_eq!(time(Duration::from_secs(7500)), "2 h 5 min");
        assert_eq!(rate(9_412_806, "lines", Duration::from_millis(905)), "10.4 M lines/s");
        assert_eq!(rate(5, "lines", Duration::from_secs(1)), "5 lines/s");
    }
}
