//! The page for the day on which even rendering fails: plain text of HTML that needs nothing else.

/// Sent with status 500 or 503. It has no style and no script, so it keeps to the strictest policy.
pub const FAILURE_PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
    <meta name=\"color-scheme\" content=\"light dark\">\
    <title>Something went wrong · Postern</title></head>\
    <body><main><h1>Something went wrong</h1>\
    <p>The fault is on our side and has been noted. Wait a moment, then try again.</p>\
    <p><a href=\"/\">Go to the start</a></p></main></body></html>\n";
