# English: every sentence that a visitor sees. Messages are in Fluent's syntax (https://projectfluent.org/fluent/guide/).
# The build makes a method of each (build/languages.rs). A variable that selects a variant is a number, each other one is
# text. docs/languages.md says more.

## Every page

skip-to-content = Skip to the content
go-to-start = Go to the start
sign-out = Sign out
stay-signed-in = Stay signed in
# The name of the language, in itself.
language-name = English
# Names the buttons that choose one.
language-choice = Language
# For search engines and whoever shares the address.
description = Sign in with your e-mail address: a link or a code by mail, no password.
# $id: what the operator looks for in the log.
reference = Reference: { $id }

## A form while it waits, and when no answer of ours comes. None blames the visitor

# The label of its button, too.
waiting-busy = One moment…
waiting-slow = This takes longer than usual. There is nothing to do but wait.
waiting-given-up = The site did not answer in time. What you typed is still here: try again.
waiting-unreachable = The site could not be reached. Check your connection, then try again.
# A proxy or the portal of a network has answered.
waiting-not-ours = The site is not available at the moment. What you typed is still here: try again soon.
waiting-counts-down = That was too often. You can try again when the button has counted down.

## Time spans

seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
just-now = just now
minutes-ago = { $count ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
}
hours-ago = { $count ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
}
days-ago = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}

## /login

login-title = Sign in
login-lead = Type your e-mail address. We send you a link that signs you in: no password.
login-lead-known = Welcome back. We send you a link that signs you in: no password.
# $path: a path of this site, such as "/reports".
login-leads-to = To continue to { $path }
login-on-its-way = If { $email } may sign in, a mail is on its way.
login-type-code = Type its code
login-somebody-else = Somebody else?
login-others = Has signed in here before. Send a link to:
login-address-label = E-mail address
login-address-example = name@example.com
login-hint = Open the link in this browser. It works once, for a few minutes, and nowhere else.
login-button = Send me a link

## /login/sent

sent-title = Check your inbox
# $lifetime: a time span, such as "5 minutes"; with scripts it counts down, such as "4:59".
sent-lead = If { $email } may sign in, a mail with a link is on its way. Open the link in this browser, within { $lifetime }.
sent-word = The newest mail has the word { $word } in its subject.
sent-meant = Did you mean { $email }?
# $provider: the name of a mail provider, or the host of its web mail.
sent-open-inbox = Open { $provider } in a new tab
sent-development = Development: no mail leaves this machine. It is in the { $link }.
sent-development-link = development inbox
sent-other-device = Reading the mail on another device? Type its code here.
sent-code-label = Eight-digit code
sent-code-hint = The last digit signs you in. Never give the code to anybody, whoever they say they are.
sent-code-button = Sign in
sent-again = Send again
# $time: minutes and seconds, such as "0:42". It counts down.
sent-again-in = Send again in { $time }
sent-wrong-address = Wrong address?
# Shown after half a minute.
sent-spam = Nothing there yet? Look in the spam folder, too.
sent-expired-lead = Link and code for { $email } were good for { $lifetime }. Ask for new ones to go on.
sent-expired-button = Send a new mail

## /verify

verify-page-title = Sign in
verify-title = Almost there
verify-lead-scripted = You are being signed in. If nothing happens, press the button.
verify-lead-unscripted = Press the button, and you are in.
verify-button = Sign in
verify-continue = Continue
verify-new-link = Ask for a new link

## /verify with a link that the operator has made

operator-link-title = Sign in by a link from whoever runs this site
operator-link-lead = This link was made by hand. It signs in this browser as { $email }.
operator-link-hint = It works once. Go on only if you have asked for it and this is your address.
operator-link-button = Sign in
operator-link-leave = Leave it

## /verify in a browser that did not ask for the link

other-browser-lead = This browser did not ask for it, or has used it already. Mail apps often open links in a window of their own.
other-browser-code = Go back to where you asked, and type the code from the mail there.
other-browser-link = Or open the link there:
other-browser-copy = Copy this link
other-browser-copied = Copied. Now paste it there.
other-browser-start-here = Start here instead: send a new mail to { $email }
other-browser-start-over = Start here instead

## The page at / and /logout

home-page-title = Home
home-title = You are in
home-lead = Signed in as { $email }.
home-apps = Your apps
home-devices = { $count ->
    [1] Signed in on this device only.
   *[other] Signed in on { $count } devices.
}
logout-lead = You are signed in as { $email }.

## /sessions. $time: how long ago, such as "3 minutes ago"

devices-title = Your devices
devices-lead = Signed in as { $email }. Sign out whatever you do not know, or no longer use: it is out at once.
devices-this = This device
devices-last-seen = Last seen { $time }
devices-first-seen = Signed in { $time }
devices-apps = Apps opened there:
devices-left-out = { $count ->
    [one] One more device is signed in that was not seen for longer.
   *[other] { $count } more devices are signed in that were not seen for longer.
}
devices-others-lead = Signs out every device but this one, and closes the apps that are open there. Whoever uses them has to sign in again.
devices-others-button = Sign out all other devices
devices-back = Back to the start

## /admin, for whoever runs the site. Names of events, reasons and settings stand as they are in every language

admin-title = Administration
admin-tab-overview = Overview
admin-tab-events = Events
admin-tab-mails = Mails
admin-tab-sessions = Sessions
# Names charts, lists and numbers.
admin-sign-ins = Sign-ins
admin-refusals = Refusals
admin-operators = What operators did
admin-sessions = Signed in now
admin-waiting = Mails that wait
admin-refused = Mails that were refused
admin-nothing = There is nothing here.
admin-all = Show all
admin-older = Older ones
admin-newest = Back to the newest
# $who: a mail address, or "command".
admin-by = by { $who }
admin-chart-day = The last 24 hours
admin-chart-week = The last seven days
# $signins and $refusals: how many there were.
admin-chart-sum = Sign-ins: { $signins }. Refusals: { $refusals }.
admin-chart-table = As a table
admin-chart-when = Time (UTC)
admin-mail-sign-in = To sign in
admin-mail-new-device = About a new browser
admin-mail-tries = { $count ->
    [0] Not tried yet.
    [one] Tried once.
   *[other] Tried { $count } times.
}
# $time: a date and a time. $tries: the sentence above.
admin-mail-next = { $tries } Next try: { $time }.
admin-mail-in-hand = It is being sent.
admin-try-again = Try again
admin-budgets = Budgets
# The heads of a table: the name of a setting, what it says, how much is used up.
admin-budget = Setting
admin-budget-limit = Limit
admin-budget-used = Used
admin-spenders = Nearly used up by

## A path without a page

not-found-title = Page not found
not-found-lead = There is nothing at this address. Check it for typing mistakes, or start again.

## /dev/inbox

dev-inbox-title = Development inbox
dev-inbox-again = Look again
dev-inbox-lead = Mails that this development server would have sent, newest first.
dev-inbox-empty = No mail yet. { $link }, then look again.
dev-inbox-empty-link = Ask for a link
dev-inbox-to = To { $email }
dev-inbox-mail = The mail “{ $subject }”
dev-inbox-text = As plain text

## Notices

notice-signed-out = You are signed out.
notice-sent-again = A new mail is on its way. The older link and code no longer work.
notice-device-signed-out = That device is signed out.
notice-others-signed-out = All other devices are signed out.
notice-start-here = Start here. If you have just asked for a link and are back on this page, your browser blocks cookies: allow them for this site.
notice-session-ended = That session is ended.
notice-mail-tried-again = That mail is tried again now.

## Refusals: what happened, and what to do next

refusal-signed-out = You are signed out. Sign in to go on.
refusal-cross-site = This request came from another site and was not carried out. Open the page here and try again.
refusal-not-allowed = This address may not sign in here any more. Ask whoever runs this site.
# $support: a mail address or the address of a page.
refusal-not-allowed-ask = This address may not sign in here any more. Ask { $support }.
refusal-no-such-session = That device is not signed in any more.
refusal-no-such-mail = That mail can no longer be tried: it has left, has expired, or is being sent.
refusal-other-browser = This browser did not ask for it, or has used it already. Open the link where you asked, or type the code from the mail there.
refusal-superseded = A newer mail was sent after this one. Use the link or the code from the newest mail.
refusal-expired = This has expired. Ask for a new link.
refusal-used = Each link and code works once. Ask for a new one if you need to sign in again.
refusal-malformed-link = The link is not complete. Copy the whole link from the mail, or ask for a new one.
refusal-malformed-code = The code has eight digits. Type them as they stand in the mail.
refusal-wrong-code = { $tries ->
    [0] That is not the code from the newest mail. No tries are left: use the link in the mail.
    [one] That is not the code from the newest mail. You have one more try.
   *[other] That is not the code from the newest mail. You have { $tries } more tries.
}
refusal-not-recognized = Email not recognized. Check it for typing mistakes, or ask whoever runs this site to add it.
refusal-not-recognized-ask = Email not recognized. Check it for typing mistakes, or ask { $support } to add it.
refusal-malformed-request = The request could not be read. Go back, reload the page and try again.
refusal-code-locked = The code was mistyped too often and no longer works. The link in the mail still does.
# $wait: a time span, such as "42 seconds".
refusal-limited = That was too often. Wait { $wait }, then try again.
refusal-not-ready = Something went wrong on our side. Wait a moment, then try again.

## The headings of pages that refuse

headline-other-browser = Open this link in the browser where you asked for it
headline-superseded = A newer link was sent
headline-expired = This link has expired
headline-used = This link has already been used
headline-malformed = This link is not complete
headline-not-allowed = This address may not sign in
headline-not-ready = That did not work
headline-signed-out = You are not signed in

## What is wrong with an address

address-empty = Type your address, like name@example.com.
address-too-long = This is longer than an address can be. Type one address, like name@example.com.
address-control-character = There is a line break or another invisible character in it. Type the address by hand, like name@example.com.
address-display-name = Type only the address, without the name and the angle brackets, like name@example.com.
address-quoted = Addresses with quotation marks do not work here. Type one like name@example.com.
address-comment = Leave out the brackets and what is between them. Type one address, like name@example.com.
address-several = Type one address only, like name@example.com.
address-missing-at = There is no @ in it. Type one address, like name@example.com.
address-space = There is a space in it. Type the address without spaces, like name@example.com.
address-local-part = The part before the @ may have only unaccented letters, digits and signs such as . _ + -. Check how it is spelt.
address-local-part-too-long = The part before the @ is longer than 64 characters. Check the address and type it again.
address-literal = Addresses at a number instead of a name do not work here. Type one like name@example.com.
address-trailing-dot = Leave out the dot at the end, like name@example.com.
address-missing-dot = The part after the @ is not complete. It needs a dot, like name@example.com.
address-domain = The part after the @ is not the name of a mail domain. Check how it is spelt, like name@example.com.

## Failures, shown by a page without any script or as plain text

failure-title = Something went wrong
failure-lead = The fault is on our side and has been noted. Wait a moment, then try again.
failure-long-url = The address is too long. Open the link again from the mail.
failure-unreadable-path = This address cannot be read: its path has dots, backslashes, doubled slashes or other signs that have no place there. Open the link again, or begin at the start page, /.
failure-large-form = The form is too large: 16 KiB are the most. Go back and shorten it.

## Apps behind the gateway. $app: the host of one

app-somebody-else = Sign in as somebody else
app-not-allowed-title = Not for this account
app-not-allowed = You are signed in as { $email }, and { $app } is not open to that account. Ask whoever runs it, or sign in with another address.
app-not-allowed-ask = You are signed in as { $email }, and { $app } is not open to that account. Ask { $support }, or sign in with another address.
app-closed-title = Not open
app-closed = { $app } did not let this request in.
app-lost-title = Please try again
app-lost = This way in was used before, or took longer than a minute. Open the page again; you need no new mail.
app-lost-without-cookies = This browser did not set out from here, or keeps no cookies for this site. Allow cookies, then open the page again.
app-open-again = Open it again
app-sign-out-lead = You are signed in as { $email }. This signs you out here and in all other apps of this browser.

## Devices. $browser and $system: names, such as "Firefox" and "Linux"

device-browser-on-system = { $browser } on { $system }
device-system = a browser on { $system }
device-unknown = a browser that does not say which

## Below every page and mail. $support: a mail address or the address of a page

help = Need help? Ask { $support }

## The sign-in mail. $site: what the site is called. $lifetime: a time span, such as "5 minutes"

mail-title = Sign in to { $site }
# The subject. $word: the reference word, which the page shows too.
mail-subject = Sign-in code for { $site } ({ $word })
# What a notification shows beside the subject. Mail programs look for the word for "code" near the digits.
mail-preview = Your code is { $code }. It works once, for { $lifetime }, in the browser where you asked for it.
mail-lead = Open this link in the browser where you asked for it. It works once, for { $lifetime }.
mail-button = Sign in
mail-copy = Or copy the link into that browser:
mail-other-device = Reading this on another device? Type this code in that browser instead:
# Names of facts. Before the reference word:
mail-word = Word on the page
# Before a date and a time:
mail-asked = Asked for
# Before a device:
mail-device = With
mail-not-you = Not you? Do nothing: nobody gets in without this mail. Never give the code to anybody.

## The mail about a sign-in with a new browser. $site: what the site is called

new-device-title = New sign-in to { $site }
# The subject. $device: such as "Firefox on Linux".
new-device-subject = New sign-in to { $site }: { $device }
# $time: a date and a time.
new-device-preview = { $time }. Was that you?
new-device-lead = Somebody has signed in with your address, in a browser that { $site } had not seen you in before.
new-device-you = Was that you? Then there is nothing to do. A browser is also new after its cookies were cleared, and in a private window.
new-device-not-you = Was it not you? Sign in and end it under “Your devices”: it is out at once.
new-device-copy = Or open this page:
# The name of a fact, before a date and a time.
new-device-when = Signed in
new-device-then = If it was not you, also tell whoever runs { $site }, and change the password of your mailbox: whoever reads your mail can sign in as you.
