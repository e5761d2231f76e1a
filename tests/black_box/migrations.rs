//! A migration that was released never changes.

use std::{fs, path::Path};

use sha2::{Digest, Sha256};

/// The SHA-256 of each file under migrations/. A new file gets a new line.
const RELEASED: [(&str, &str); 9] = [
    ("0001_sign_in.sql", "74960f711ff2a5f0e645d94c165825b85481b2e88952fb9d0facecf888e4d9e6"),
    ("0002_limits_and_audit.sql", "2a9548678777056a6926c983fa3cb67cb535a62e67b91f5f2abae530708d83c1"),
    ("0003_one_step.sql", "ef8cf401af7c4bf4e618b5c3a62fc383cf64f8c97d07045543efbb6bd8d87f70"),
    ("0004_budgets.sql", "f4746353ef174d3e220e912f4d6f9961df5a5c76ffa20614b0b42abc376a4c4e"),
    ("0005_gateway.sql", "f77ff200fc1a88c26fc21db984ae6b39f776c7464219d5883d392a0f2c00df5e"),
    ("0006_asked_from.sql", "95295396e306b2a1df108c12daca3c4c72d58dbb7585023918771c5a92985a97"),
    ("0007_language.sql", "a06875860e738683a1708667a381efaed6be2a83e96ebf9f621ccf79875bc419"),
    ("0008_devices.sql", "6809e4b9f64cdf4edf12f0bde9b9222cb79c4307abbb6f3cccf8d252c59d6fb2"),
    ("0009_new_device_mails.sql", "82c538e444d2d98ecfa2b71cdf9360f1f6ed2c21b37e2ad62b1bdca6f475810a"),
];

#[test]
fn no_migration_changes_once_it_is_there() {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")];
    let root = folders[0].clone();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                let sum = Sha256::digest(fs::read(&path).unwrap());
                found.push((name, sum.iter().map(|byte| format!("{byte:02x}")).collect::<String>()));
            }
        }
    }
    found.sort();
    for (name, sum) in &found {
        let released = RELEASED.iter().find(|(released, _)| released == name);
        let (_, released) = released.unwrap_or_else(|| {
            panic!("migrations/{name} is new: add it to RELEASED in tests/black_box/migrations.rs, as {sum}")
        });
        assert_eq!(
            sum, released,
            "migrations/{name} has changed. A server whose database has run it would not start any more: take the \
             change back and write a new migration. (Only a file that no release had may change; its new sum goes \
             into tests/black_box/migrations.rs.)"
        );
    }
    assert_eq!(
        found.len(),
        RELEASED.len(),
        "a migration is gone, and databases that have run it would not start"
    );
}
