//! Zones of time as the readers of logs want them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use logs::time::Zone;

/// The changes of clocks of a zone between 1990 and 2060.
pub fn steps(zone: &TimeZone) -> Zone {
    let begin = Timestamp::from_second(631_152_000).unwrap_or_default();
    let end = Timestamp::from_second(2_840_140_800).unwrap_or_default();
    let first = zone.to_offset(begin).seconds();
    let mut steps = vec![(i64::MIN / 2000, first)];
    let changes = zone.following(begin);
    for change in changes.take_while(|change| change.timestamp() < end) {
        let offset = change.offset().seconds();
        steps.push((change.timestamp().as_second() + i64::from(offset), offset));
    }
    Zone::stepping(&steps)
}
