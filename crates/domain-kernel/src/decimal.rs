//! Decimal numbers as whole numbers of their smallest step.

use std::fmt;

/// Why a text is no such number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DecimalError {
    /// Not a decimal number.
    NotANumber,
    /// More digits than there are places for.
    OutOfRange,
}

/// Reads a number with up to so many digits before and after the point; how many steps of the last
/// digit it is. Zeros at either end are no digits. Both together are at most 18, so that it fits.
pub(crate) fn read(text: &str, before: usize, after: usize) -> Result<i64, DecimalError> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (units, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if units.is_empty() || !all_digits(units) || !all_digits(fraction) {
        return Err(DecimalError::NotANumber);
    }
    let (units, fraction) = (units.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if units.len() > before || fraction.len() > after {
        return Err(DecimalError::OutOfRange);
    }
    let steps = format!("{units}{fraction:0<after$}");
    // No digits at all are nothing.
    let steps = steps.parse::<i64>().unwrap_or(0);
    Ok(if negative { -steps } else { steps })
}

/// Writes so many steps with at least two digits after the point, and more only where they are not
/// zero: `4999.00`, `0.0125`.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, steps: i64, after: usize) -> fmt::Result {
    let sign = if steps < 0 { "-" } else { "" };
    // A digit before the point at least.
    let digits = format!("{:0width$}", steps.unsigned_abs(), width = after + 1);
    let (units, fraction) = digits.split_at(digits.len() - after);
    let places = fraction.trim_end_matches('0').len().max(2);
    write!(f, "{sign}{units}.{}", &fraction[..places])
}
