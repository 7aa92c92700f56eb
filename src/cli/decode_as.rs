//! `-d TABLE==NUMBER,PROTOCOL`.

use crate::dissect::{DecodeAs, Registry, Table};

/// Reads a rule; the error says what was expected.
pub fn parse(rule: &str, registry: &Registry) -> Result<DecodeAs, String> {
    let expected = "expected TABLE==NUMBER,PROTOCOL, such as tcp.port==8888,http";
    let (selector, name) = rule.split_once(',').ok_or_else(|| format!("-d {rule}: no comma; {expected}"))?;
    let (table, numbers) = selector.split_once("==").ok_or_else(|| format!("-d {rule}: no ==; {expected}"))?;
    let table = Table::ALL.iter().copied().find(|known| known.name() == table.trim()).ok_or_else(|| {
        let names: Vec<&str> = Table::ALL.iter().map(|table| table.name()).collect();
        format!("-d {rule}: there is no table {table:?}; there are {}", names.join(", "))
    })?;
    let (first, last) = match (numbers.split_once('-'), numbers.split_once(':')) {
        (Some((first, last)), _) => (number(first), number(last)),
        (None, Some((first, count))) => {
            let first = number(first);
            (first, first.zip(number(count)).and_then(|(first, count)| first.checked_add(count.checked_sub(1)?)))
        }
        (None, None) => (number(numbers), number(numbers)),
    };
    let Some((first, last)) = first.zip(last).filter(|(first, last)| first <= last && last - first <= 0xffff) else {
        return Err(format!("-d {rule}: {numbers:?} is no number and no range such as 8000-8010"));
    };
    let protocol = registry
        .protocol(name.trim())
        .ok_or_else(|| format!("-d {rule}: there is no protocol {name:?}; `sniff -G protocols` lists them"))?;
    Ok(DecodeAs { table, first, last, protocol })
}

fn number(text: &str) -> Option<u32> {
    let text = text.trim();
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}
