//! Tables for people: interfaces and statistics.

use std::io::IsTerminal;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// Lays out rows under a head; the columns named in `right` stand to the right. No colour, no more than `width` characters wide
/// where that is known.
pub fn table(
    head: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
    right: &[usize],
    width: Option<u16>,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty().set_header(head.to_vec());
    if let Some(width) = width {
        table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
    }
    for row in rows {
        table.add_row(row);
    }
    for &column in right {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text: String = table.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    if text.is_empty() {
        text.push('\n');
    }
    text
}

/// How wide the terminal is that standard output is; `None` if it is none.
pub fn terminal_width() -> Option<u16> {
    let out = std::io::stdout();
    if !out.is_terminal() {
        return None;
    }
    let width = rustix::termios::tcgetwinsize(&out).map_or(0, |size| size.ws_col);
    Some(if width == 0 { 80 } else { width })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_their_heads() {
        let rows = [vec!["1".into(), "lo".into()], vec!["12".into(), "eth0".into()]];
        let text = table(&["index", "name"], rows, &[0], None);
        assert_eq!(text, " index  name\n     1  lo\n    12  eth0\n");
    }
}
