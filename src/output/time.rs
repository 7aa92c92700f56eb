//! Moments and spans as text.

use jiff::{Timestamp, tz::TimeZone};

use crate::capture::Time;
use crate::text::Text;

/// How the list shows when a packet was captured (`-t`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TimeFormat {
    /// Not at all.
    None,
    /// Seconds since the first frame.
    #[default]
    Relative,
    /// The time of day.
    Absolute,
    /// Date and time of day.
    AbsoluteDate,
    /// Year and day of the year, and the time of day.
    AbsoluteDayOfYear,
    /// Seconds since the previous frame.
    Delta,
    /// Seconds since the previous frame that is shown.
    DeltaDisplayed,
    /// Seconds since 1970.
    Epoch,
    /// The time of day in UTC.
    Utc,
    /// Date and time of day in UTC.
    UtcDate,
    /// Year and day of the year, and the time of day in UTC.
    UtcDayOfYear,
}

impl TimeFormat {
    /// The format that `-t` names.
    pub fn parse(name: &str) -> Option<TimeFormat> {
        Some(match name {
            "r" => TimeFormat::Relative,
            "a" => TimeFormat::Absolute,
            "ad" => TimeFormat::AbsoluteDate,
            "adoy" => TimeFormat::AbsoluteDayOfYear,
            "d" => TimeFormat::Delta,
            "dd" => TimeFormat::DeltaDisplayed,
            "e" => TimeFormat::Epoch,
            "u" => TimeFormat::Utc,
            "ud" => TimeFormat::UtcDate,
            "udoy" => TimeFormat::UtcDayOfYear,
            _ => return None,
        })
    }

    const fn is_utc(self) -> bool {
        matches!(self, TimeFormat::Utc | TimeFormat::UtcDate | TimeFormat::UtcDayOfYear)
    }
}

/// Writes a span in seconds with `digits` digits after the point; `nanos` count upwards from `seconds`.
pub fn span(seconds: i64, nanos: u32, digits: u8, text: &mut Text) {
    let (negative, seconds, nanos) = match (seconds < 0, nanos) {
        (true, 1..) => (true, (seconds + 1).unsigned_abs(), 1_000_000_000 - nanos),
        (negative, nanos) => (negative, seconds.unsigned_abs(), nanos),
    };
    if negative {
        text.byte(b'-');
    }
    text.dec(seconds);
    fraction(nanos, digits, text);
}

/// Writes a moment as ISO 8601 has it, in UTC: `2026-11-20T21:56:00.123456789Z`.
pub fn iso(seconds: i64, nanos: u32, text: &mut Text) {
    let date = date(seconds);
    if date.year < 0 {
        text.byte(b'-');
    }
    text.dec_padded(date.year.unsigned_abs(), 4).byte(b'-').dec_padded(date.month.into(), 2);
    text.byte(b'-').dec_padded(date.day.into(), 2).byte(b'T');
    time_of_day(&date, text);
    fraction(nanos, 9, text);
    text.byte(b'Z');
}

fn fraction(nanos: u32, digits: u8, text: &mut Text) {
    if digits == 0 {
        return;
    }
    let digits = digits.min(9);
    text.byte(b'.').dec_padded(u64::from(nanos) / 10u64.pow(u32::from(9 - digits)), digits.into());
}

/// A clock on the wall: turns moments into local dates. Keeps the offset of the zone as long as it holds.
#[derive(Clone, Default)]
pub struct Clock {
    zone: Option<TimeZone>,
    /// The hour whose offset is known, the offset in seconds and the zone's name then.
    known: Option<(i64, i64, String)>,
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

struct Date {
    year: i64,
    month: u32,
    day: u32,
    day_of_year: u32,
    /// Seconds since midnight.
    second: u32,
}

impl Clock {
    /// Writes a moment for the list.
    pub fn list(&mut self, format: TimeFormat, time: Time, digits: u8, text: &mut Text) {
        let offset = if format.is_utc() { 0 } else { self.offset(time.seconds()) };
        let date = date(time.seconds().saturating_add(offset));
        match format {
            TimeFormat::AbsoluteDate | TimeFormat::UtcDate => {
                text.dec_padded(date.year.unsigned_abs(), 4).byte(b'-').dec_padded(date.month.into(), 2);
                text.byte(b'-').dec_padded(date.day.into(), 2).byte(b' ');
            }
            TimeFormat::AbsoluteDayOfYear | TimeFormat::UtcDayOfYear => {
                text.dec_padded(date.year.unsigned_abs(), 4)
                    .byte(b'/')
                    .dec_padded(date.day_of_year.into(), 3)
                    .byte(b' ');
            }
            _ => {}
        }
        time_of_day(&date, text);
        fraction(time.nanos(), digits, text);
    }

    /// Writes a moment as fields show it: `Nov 20, 2026 21:56:00.123456789 UTC`.
    pub fn field(&mut self, seconds: i64, nanos: u32, text: &mut Text) {
        let date = date(seconds.saturating_add(self.offset(seconds)));
        text.str(MONTHS[date.month as usize - 1]);
        text.str(if date.day < 10 { "  " } else { " " }).dec(date.day).str(", ").signed(date.year).byte(b' ');
        time_of_day(&date, text);
        fraction(nanos, 9, text);
        text.byte(b' ').str(self.known.as_ref().map_or("UTC", |known| &known.2));
    }

    /// Writes a moment as `Nov 20, 2026 21:56:00.123456789 UTC`, whatever the local zone.
    pub fn field_utc(&mut self, seconds: i64, nanos: u32, text: &mut Text) {
        let date = date(seconds);
        text.str(MONTHS[date.month as usize - 1]);
        text.str(if date.day < 10 { "  " } else { " " }).dec(date.day).str(", ").signed(date.year).byte(b' ');
        time_of_day(&date, text);
        fraction(nanos, 9, text);
        text.str(" UTC");
    }

    /// Writes the local date: `2026-11-20`.
    pub fn day(&mut self, seconds: i64, text: &mut Text) {
        let date = date(seconds.saturating_add(self.offset(seconds)));
        text.dec_padded(date.year.unsigned_abs(), 4).byte(b'-').dec_padded(date.month.into(), 2);
        text.byte(b'-').dec_padded(date.day.into(), 2);
    }

    /// How far local time is ahead of UTC, in seconds.
    fn offset(&mut self, seconds: i64) -> i64 {
        // Offsets change on quarters of an hour.
        let quarter = seconds.div_euclid(900);
        if let Some((known, offset, _)) = &self.known
            && *known == quarter
        {
            return *offset;
        }
        let zone = self.zone.get_or_insert_with(TimeZone::system);
        let (offset, name) = match Timestamp::from_second(seconds) {
            Ok(moment) => {
                let info = zone.to_offset_info(moment);
                (i64::from(info.offset().seconds()), info.abbreviation().to_owned())
            }
            Err(_) => (0, "UTC".to_owned()),
        };
        self.known = Some((quarter, offset, name));
        offset
    }
}

fn time_of_day(date: &Date, text: &mut Text) {
    let second = u64::from(date.second);
    text.dec_padded(second / 3600, 2).byte(b':').dec_padded(second / 60 % 60, 2).byte(b':').dec_padded(second % 60, 2);
}

/// The civil date of a count of seconds since 1970, in the proleptic Gregorian calendar.
fn date(seconds: i64) -> Date {
    let days = seconds.div_euclid(86_400);
    // Counted from 0000-03-01, so that the leap day is the last of its year.
    let shifted = days.saturating_add(719_468);
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let before_march = if month > 2 { 59 + i64::from(leap) } else { -306 };
    Date {
        year,
        month: month as u32,
        day: day as u32,
        day_of_year: (day_of_year + before_march + 1) as u32,
        second: seconds.rem_euclid(86_400) as u32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Text)) -> String {
        let mut text = Text::new();
        write(&mut text);
        text.to_string_lossy()
    }

    #[test]
    fn spans() {
        assert_eq!(written(|t| span(12, 345_678_901, 9, t)), "12.345678901");
        assert_eq!(written(|t| span(-1, 750_000_000, 6, t)), "-0.250000");
        assert_eq!(written(|t| span(-2, 0, 0, t)), "-2");
    }

    #[test]
    fn dates() {
        let mut clock = Clock::default();
        for (seconds, day) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_400, "2000-02-29 00:00:00"),
            (-1, "1969-12-31 23:59:59"),
            (1_795_000_000, "2026-11-18 11:06:40"),
        ] {
            let time = Time::from_nanos(seconds, 0);
            assert_eq!(written(|t| clock.list(TimeFormat::UtcDate, time, 0, t)), day);
        }
        let time = Time::from_nanos(951_868_800, 500_000_000);
        assert_eq!(written(|t| clock.list(TimeFormat::UtcDayOfYear, time, 1, t)), "2000/061 00:00:00.5");
        assert_eq!(written(|t| iso(1_795_000_000, 7, t)), "2026-11-18T11:06:40.000000007Z");
        assert_eq!(written(|t| clock.field_utc(0, 1, t)), "Jan  1, 1970 00:00:00.000000001 UTC");
    }
}
