//! Rows of several steps that go into their table together.

use std::collections::HashSet;

use super::Unsent;
use crate::store::statement::Statement;

/// The same, with the rows for each table in few statements. Nothing else changes its place, and no row moves past it.
pub fn joined(unsent: Vec<Unsent>) -> Vec<Unsent> {
    let (mut joined, mut rows) = (Vec::new(), Vec::<Vec<Statement>>::new());
    for unsent in unsent {
        match unsent {
            Unsent::Statement(row) if row.is_row => {
                match rows.iter_mut().find(|others| others[0].text == row.text) {
                    Some(others) => others.push(row),
                    None => rows.push(vec![row]),
                }
            }
            other => {
                joined.extend(rows.drain(..).flat_map(together).map(Unsent::Statement));
                joined.push(other);
            }
        }
    }
    joined.extend(rows.drain(..).flat_map(together).map(Unsent::Statement));
    joined
}

/// Rows of one text, as many at once as a power of two: each number is a statement that is to be kept prepared.
fn together(mut rows: Vec<Statement>) -> Vec<Statement> {
    if rows[0].text.contains("DO UPDATE") {
        // No statement may change a row twice: the last one stays.
        let mut keys = HashSet::new();
        rows = rows.into_iter().rev().filter(|row| keys.insert(row.values[0].clone())).collect();
        rows.reverse();
    }
    let mut joined = Vec::new();
    while let Some(most) = rows.len().checked_ilog2() {
        let rest = rows.split_off(1 << most);
        joined.push(one(rows));
        rows = rest;
    }
    joined
}

/// All of them as one.
fn one(mut rows: Vec<Statement>) -> Statement {
    if rows.len() == 1 {
        return rows.remove(0);
    }
    let (text, columns) = (rows[0].text.clone(), rows[0].values.len());
    let begin = text.find("VALUES (").map_or(0, |at| at + "VALUES ".len());
    let end = text[begin..].find(')').map_or(text.len(), |at| begin + at + 1);
    let places = (0..rows.len()).map(|row| {
        let places: Vec<_> = (1..=columns).map(|place| format!("${}", row * columns + place)).collect();
        format!("({})", places.join(", "))
    });
    let places: Vec<_> = places.collect();
    Statement {
        text: format!("{}{}{}", &text[..begin], places.join(", "), &text[end..]).into(),
        values: rows.into_iter().flat_map(|row| row.values).collect(),
        is_row: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::statement::Value;

    fn row(text: &'static str) -> Statement {
        Statement { text: text.into(), values: Vec::new(), is_row: true }
    }

    fn put(key: &str, value: i64) -> Unsent {
        let put = "INSERT INTO t (k, v) VALUES ($1, $2) ON CONFLICT (k) DO UPDATE SET v = excluded.v";
        Unsent::Statement(row(put).bind(key).bind(value))
    }

    fn add(value: i64) -> Unsent {
        Unsent::Statement(row("INSERT INTO log (v) VALUES ($1)").bind(value))
    }

    fn texts(unsent: Vec<Unsent>) -> Vec<String> {
        let text = |unsent| match unsent {
            Unsent::Statement(statement) => format!("{} <- {}", statement.text, numbers(&statement)),
            Unsent::Batch(batch) => batch,
        };
        joined(unsent).into_iter().map(text).collect()
    }

    fn numbers(statement: &Statement) -> String {
        let numbers = statement.values.iter().filter_map(|value| match value {
            Value::Number(number) => number.map(|number| number.to_string()),
            _ => None,
        });
        numbers.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn rows_of_one_table_become_statements_of_as_many_rows_as_a_power_of_two() {
        let unsent = vec![add(1), put("a", 1), add(2), put("b", 2), add(3)];
        assert_eq!(
            texts(unsent),
            [
                "INSERT INTO log (v) VALUES ($1), ($2) <- 1 2",
                "INSERT INTO log (v) VALUES ($1) <- 3",
                "INSERT INTO t (k, v) VALUES ($1, $2), ($3, $4) ON CONFLICT (k) DO UPDATE SET v = excluded.v <- 1 2",
            ]
        );
    }

    #[test]
    fn of_two_rows_with_one_key_the_last_stays_where_they_replace_one_another() {
        assert!(texts(vec![put("a", 1), put("b", 2), put("a", 3)])[0].ends_with("<- 2 3"));
        assert_eq!(texts(vec![add(1), add(1)]), ["INSERT INTO log (v) VALUES ($1), ($2) <- 1 1"]);
    }

    #[test]
    fn no_row_moves_past_another_statement() {
        let unsent = vec![add(1), Unsent::Batch("RELEASE step".to_owned()), add(2)];
        let log = "INSERT INTO log (v) VALUES ($1) <- ";
        assert_eq!(texts(unsent), [format!("{log}1"), "RELEASE step".to_owned(), format!("{log}2")]);
    }
}
