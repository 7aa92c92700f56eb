//! Preferences: what a user may decide about dissection, `-o name:value`.

/// One switch of a protocol.
pub struct Preference {
    /// Its name, as in Wireshark: `tcp.check_checksum`.
    pub name: &'static str,
    pub default: bool,
    /// What it does, one sentence.
    pub help: &'static str,
}

impl Preference {
    pub const fn new(name: &'static str, default: bool, help: &'static str) -> Self {
        Preference { name, default, help }
    }
}

/// The preferences of one run: those that differ from their defaults.
#[derive(Default, Clone)]
pub struct Preferences {
    changed: Vec<(&'static Preference, bool)>,
}

impl Preferences {
    pub fn get(&self, preference: &'static Preference) -> bool {
        let changed = self.changed.iter().find(|row| std::ptr::eq(row.0, preference));
        changed.map_or(preference.default, |row| row.1)
    }

    pub fn set(&mut self, preference: &'static Preference, value: bool) {
        self.changed.retain(|row| !std::ptr::eq(row.0, preference));
        if value != preference.default {
            self.changed.push((preference, value));
        }
    }
}
