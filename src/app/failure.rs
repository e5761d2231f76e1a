//! The page for the day on which even rendering fails: plain text of HTML that needs nothing but one small file.

/// Sent with status 500 or 503. It has no script, and looks bare but right where /failure.css does not come either.
pub const FAILURE_PAGE: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Something went wrong · Postern</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/failure.css">
</head>
<body>
<main>
<h1>Something went wrong</h1>
<p>The fault is on our side and has been noted. Wait a moment, then try again.</p>
<p><a href="/">Go to the start</a></p>
</main>
</body>
</html>
"#;
