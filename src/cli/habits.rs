//! Answers to what hands trained on tcpdump type, where it means something else here.

use std::ffi::OsString;

/// What to say to these arguments instead of running, if anything.
pub fn answer(arguments: &[OsString]) -> Option<String> {
    let words: Vec<&str> = arguments.iter().skip(1).filter_map(|word| word.to_str()).collect();
    let value = |letter: &str| {
        words.iter().enumerate().find_map(|(place, word)| {
            let rest = word.strip_prefix(letter)?;
            Some(if rest.is_empty() { words.get(place + 1).copied().unwrap_or("") } else { rest })
        })
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(name) = value("-e")
        && (name.is_empty() || name.starts_with('-'))
    {
        return Some(
            "-e names a field for -T fields (-e ip.src); tcpdump's -e, the link-layer header, is here: -O eth".into(),
        );
    }
    if let Some(rule) = value("-d")
        && !rule.contains("==")
    {
        return Some(format!(
            "-d tells how to dissect (-d tcp.port==8888,http), and {rule:?} is no such rule; for a compiled capture filter, \
             tcpdump's -d, type: tcpdump -d"
        ));
    }
    if value("-C").is_some_and(is_number) {
        return Some(
            "-C is no option; a new file every so many megabytes, tcpdump's -C 100, is dumpcap -b filesize:100000"
                .into(),
        );
    }
    if value("-W").is_some_and(is_number) {
        return Some("-W is no option; a ring of so many files, tcpdump's -W 5, is dumpcap -b files:5".into());
    }
    if value("-G").is_some_and(is_number) {
        return Some(
            "-G prints a glossary (-G fields, -G protocols); a new file every so many seconds, tcpdump's -G 60, is dumpcap -b duration:60"
                .into(),
        );
    }
    None
}

/// Takes apart what tcpdump reads as several letters and clap as the value of `-t`: `-ttttnr` is `-tttt -nr`.
///
/// Only two or more `t` with letters behind them: one is tshark's `-tad`, and no format of its begins with `t`.
pub fn apart(arguments: Vec<OsString>) -> Vec<OsString> {
    let split = |word: &OsString| {
        let letters = word.to_str()?.strip_prefix('-')?;
        let flags = letters.len() - letters.trim_start_matches(FLAGS).len();
        let times = flags + letters[flags..].bytes().take_while(|&letter| letter == b't').count();
        let (before, after) = letters.split_at_checked(times)?;
        let is_apart = times - flags > 1 && after.starts_with(|letter: char| letter.is_ascii_alphabetic());
        is_apart.then(|| [format!("-{before}"), format!("-{after}")])
    };
    let mut apart = Vec::with_capacity(arguments.len() + 1);
    for word in arguments {
        match split(&word) {
            Some(words) => apart.extend(words.map(OsString::from)),
            None => apart.push(word),
        }
    }
    apart
}

/// Letters without a value that may stand before `-t` in one word.
const FLAGS: &[char] = &['2', 'A', 'K', 'P', 'Q', 'S', 'U', 'V', 'X', 'l', 'n', 'p', 'q', 'v', 'x'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tcpdump_habits_are_answered() {
        let answered = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            answer(&words)
        };
        for (line, hint) in [
            ("sniff -e -r x", "-O eth"),
            ("sniff -r x -e", "-O eth"),
            ("sniff -d tcp", "tcpdump -d"),
            ("sniff -C 100 -r x", "filesize"),
            ("sniff -W 5", "files:5"),
            ("sniff -G 60", "duration"),
        ] {
            assert!(answered(line).is_some_and(|text| text.contains(hint)), "{line}");
        }
        for line in ["sniff -r x -e ip.src", "sniff -d tcp.port==1,udp", "sniff -G fields", "sniff -r x"] {
            assert_eq!(answered(line), None, "{line}");
        }
    }

    #[test]
    fn letters_behind_the_time_format_are_options() {
        for (typed, taken) in [
            ("sniff -ttttnnr x", "sniff -tttt -nnr x"),
            ("sniff -nnttttr x", "sniff -nntttt -r x"),
            ("sniff -ttv", "sniff -tt -v"),
            ("sniff -tttt -r x", "sniff -tttt -r x"),
            ("sniff -tad -tud -te -t", "sniff -tad -tud -te -t"),
            ("sniff -r xtty --two-pass", "sniff -r xtty --two-pass"),
            ("sniff -ehttp.x -wtttx -", "sniff -ehttp.x -wtttx -"),
        ] {
            let words = typed.split(' ').map(OsString::from).collect();
            assert_eq!(apart(words).join(OsString::from(" ").as_os_str()), OsString::from(taken));
        }
    }
}
