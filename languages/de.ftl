# Deutsch. Visitors are addressed as „Sie“. The keys and what they are for: en.ftl.

## Every page

skip-to-content = Zum Inhalt springen
go-to-start = Zur Startseite
sign-out = Abmelden
stay-signed-in = Angemeldet bleiben
description = Anmelden mit Ihrer E-Mail-Adresse: ein Link oder ein Code per E-Mail, kein Passwort.
reference = Referenz: { $id }
language-name = Deutsch
language-choice = Sprache

## A form while it waits, and when no answer of ours comes. None blames the visitor

waiting-busy = Einen Moment …
waiting-slow = Das dauert länger als sonst. Sie müssen nur warten.
waiting-given-up = Die Seite hat nicht rechtzeitig geantwortet. Ihre Eingabe ist noch da: Versuchen Sie es noch einmal.
waiting-unreachable = Die Seite ist nicht erreichbar. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.
waiting-not-ours = Die Seite ist gerade nicht verfügbar. Ihre Eingabe ist noch da: Versuchen Sie es gleich noch einmal.
waiting-counts-down = Das war zu oft. Sie können es noch einmal versuchen, sobald der Knopf heruntergezählt hat.

## Time spans, in the dative too

seconds = { $count ->
    [one] { $count } Sekunde
   *[other] { $count } Sekunden
}
minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
just-now = gerade eben
minutes-ago = { $count ->
    [one] vor { $count } Minute
   *[other] vor { $count } Minuten
}
hours-ago = { $count ->
    [one] vor { $count } Stunde
   *[other] vor { $count } Stunden
}
days-ago = { $count ->
    [one] vor { $count } Tag
   *[other] vor { $count } Tagen
}

## /login

login-title = Anmelden
login-leads-to = Weiter zu { $path }
login-lead = Geben Sie Ihre E-Mail-Adresse ein. Wir schicken Ihnen einen Link, mit dem Sie sich anmelden – ganz ohne Passwort.
login-lead-known = Willkommen zurück. Wir schicken Ihnen einen Link, mit dem Sie sich anmelden – ganz ohne Passwort.
login-on-its-way = Wenn { $email } zugelassen ist, ist eine E-Mail unterwegs.
login-type-code = Code eingeben
login-somebody-else = Jemand anderes?
login-others = War hier schon angemeldet. Link schicken an:
login-address-label = E-Mail-Adresse
login-address-example = name@example.com
login-hint = Öffnen Sie den Link in diesem Browser. Er gilt nur hier, nur einmal und nur einige Minuten.
login-button = Link schicken

## /login/sent

sent-title = Sehen Sie in Ihr Postfach
sent-lead = Wenn { $email } zugelassen ist, ist eine E-Mail mit einem Link unterwegs. Öffnen Sie ihn in diesem Browser, innerhalb von { $lifetime }.
sent-word = Im Betreff der neuesten E-Mail steht das Wort { $word }.
sent-meant = Meinten Sie { $email }?
sent-open-inbox = { $provider } in neuem Tab öffnen
sent-development = Entwicklung: Keine E-Mail verlässt diesen Rechner. Sie liegt im { $link }.
sent-development-link = Entwicklungspostfach
sent-other-device = Sie lesen die E-Mail auf einem anderen Gerät? Dann geben Sie hier den Code daraus ein.
sent-code-label = Achtstelliger Code
sent-code-hint = Mit der letzten Ziffer sind Sie angemeldet. Geben Sie den Code niemandem weiter, ganz gleich, wer danach fragt.
sent-code-button = Anmelden
sent-again = Noch einmal schicken
sent-again-in = Noch einmal schicken in { $time }
sent-wrong-address = Falsche Adresse?
sent-spam = Noch nichts da? Sehen Sie auch im Spam-Ordner nach.
sent-expired-lead = Link und Code für { $email } galten { $lifetime } lang. Fordern Sie neue an.
sent-expired-button = Neue E-Mail schicken

## /verify

verify-page-title = Anmelden
verify-title = Fast geschafft
verify-lead-scripted = Sie werden angemeldet. Wenn nichts geschieht, drücken Sie auf den Knopf.
verify-lead-unscripted = Nur noch ein Klick, und Sie sind angemeldet.
verify-button = Anmelden
verify-continue = Weiter
verify-new-link = Neuen Link anfordern

## /verify with a link that the operator has made

operator-link-title = Anmelden mit einem Link vom Betreiber
operator-link-lead = Dieser Link wurde von Hand gemacht. Er meldet diesen Browser als { $email } an.
operator-link-hint = Er gilt einmal. Machen Sie nur weiter, wenn Sie darum gebeten haben und das Ihre Adresse ist.
operator-link-button = Anmelden
operator-link-leave = Lieber nicht

## /verify in a browser that did not ask for the link

other-browser-lead = Dieser Link wurde nicht in diesem Browser angefordert oder hier schon benutzt. Mail-Apps öffnen Links oft in einem eigenen Fenster.
other-browser-code = Gehen Sie dorthin zurück, wo Sie ihn angefordert haben, und geben Sie den Code aus der E-Mail ein.
other-browser-link = Oder öffnen Sie den Link dort:
other-browser-copy = Link kopieren
other-browser-copied = Kopiert. Fügen Sie ihn nun dort ein.
other-browser-start-here = Lieber hier weiter: neue E-Mail an { $email } schicken
other-browser-start-over = Lieber hier von vorn beginnen

## The page at / and /logout

home-page-title = Start
home-title = Sie sind angemeldet
home-lead = Angemeldet als { $email }.
home-apps = Ihre Apps
home-devices = { $count ->
    [1] Nur auf diesem Gerät angemeldet.
   *[other] Auf { $count } Geräten angemeldet.
}
logout-lead = Sie sind als { $email } angemeldet.

## /admin

admin-title = Verwaltung
admin-tab-overview = Überblick
admin-tab-events = Ereignisse
admin-tab-mails = Mails
admin-tab-sessions = Sitzungen
admin-sign-ins = Anmeldungen
admin-refusals = Abweisungen
admin-operators = Eingriffe
admin-sessions = Jetzt angemeldet
admin-waiting = Wartende Mails
admin-refused = Abgewiesene Mails
admin-nothing = Hier ist nichts.
admin-all = Alle zeigen
admin-older = Ältere
admin-newest = Zurück zu den neuesten
admin-by = durch { $who }
admin-chart-day = Die letzten 24 Stunden
admin-chart-week = Die letzten sieben Tage
admin-chart-sum = Anmeldungen: { $signins }. Abweisungen: { $refusals }.
admin-chart-table = Als Tabelle
admin-chart-when = Zeit (UTC)
admin-mail-sign-in = Zur Anmeldung
admin-mail-new-device = Über einen neuen Browser
admin-mail-tries = { $count ->
    [0] Noch nicht versucht.
    [one] Einmal versucht.
   *[other] { $count }-mal versucht.
}
admin-mail-next = { $tries } Nächster Versuch: { $time }.
admin-mail-in-hand = Sie wird gerade gesendet.
admin-try-again = Noch einmal
admin-budgets = Budgets
admin-budget = Einstellung
admin-budget-limit = Grenze
admin-budget-used = Verbraucht
admin-spenders = Fast verbraucht von

## A path without a page

not-found-title = Seite nicht gefunden
not-found-lead = Unter dieser Adresse gibt es nichts. Prüfen Sie, ob Sie sich vertippt haben, oder beginnen Sie von vorn.

## /sessions. $time: how long ago

devices-title = Ihre Geräte
devices-lead = Angemeldet als { $email }. Melden Sie ab, was Sie nicht kennen oder nicht mehr benutzen: Es gilt sofort.
devices-this = Dieses Gerät
devices-last-seen = Zuletzt aktiv { $time }
devices-first-seen = Angemeldet { $time }
devices-apps = Dort geöffnete Apps:
devices-left-out = { $count ->
    [one] Ein weiteres Gerät ist angemeldet, das länger nicht aktiv war.
   *[other] { $count } weitere Geräte sind angemeldet, die länger nicht aktiv waren.
}
devices-others-lead = Meldet alle Geräte außer diesem ab und schließt die Apps, die dort offen sind. Wer sie benutzt, muss sich neu anmelden.
devices-others-button = Alle anderen Geräte abmelden
devices-back = Zurück zum Start

## /dev/inbox

dev-inbox-title = Entwicklungspostfach
dev-inbox-again = Neu laden
dev-inbox-lead = E-Mails, die dieser Entwicklungsserver verschickt hätte, die neueste zuerst.
dev-inbox-empty = Noch keine E-Mail. { $link } und laden Sie dann neu.
dev-inbox-empty-link = Fordern Sie einen Link an
dev-inbox-to = An { $email }
dev-inbox-mail = Die E-Mail „{ $subject }“
dev-inbox-text = Als reiner Text

## Notices

notice-signed-out = Sie sind abgemeldet.
notice-sent-again = Eine neue E-Mail ist unterwegs. Link und Code aus der älteren gelten nicht mehr.
notice-start-here = Beginnen Sie hier. Wenn Sie gerade einen Link angefordert haben und wieder auf dieser Seite sind, blockiert Ihr Browser Cookies: Erlauben Sie sie für diese Seite.
notice-session-ended = Diese Sitzung ist beendet.
notice-mail-tried-again = Diese Mail wird jetzt noch einmal versucht.
notice-device-signed-out = Das Gerät ist abgemeldet.
notice-others-signed-out = Alle anderen Geräte sind abgemeldet.

## Refusals

refusal-signed-out = Sie sind abgemeldet. Melden Sie sich an, um fortzufahren.
refusal-cross-site = Diese Anfrage kam von einer anderen Website und wurde nicht ausgeführt. Öffnen Sie die Seite hier und versuchen Sie es noch einmal.
refusal-not-allowed = Diese Adresse ist hier nicht mehr zugelassen. Wenden Sie sich an den Betreiber dieser Seite.
refusal-not-allowed-ask = Diese Adresse ist hier nicht mehr zugelassen. Wenden Sie sich an { $support }.
refusal-other-browser = Dieser Link wurde nicht in diesem Browser angefordert oder hier schon benutzt. Öffnen Sie ihn dort, wo Sie ihn angefordert haben, oder geben Sie dort den Code aus der E-Mail ein.
refusal-superseded = Danach wurde eine neuere E-Mail verschickt. Nehmen Sie Link oder Code aus der neuesten.
refusal-expired = Die Zeit ist abgelaufen. Fordern Sie einen neuen Link an.
refusal-used = Link und Code gelten nur einmal. Fordern Sie neue an, wenn Sie sich wieder anmelden möchten.
refusal-malformed-link = Der Link ist unvollständig. Kopieren Sie den ganzen Link aus der E-Mail oder fordern Sie einen neuen an.
refusal-malformed-code = Der Code hat acht Ziffern. Geben Sie sie so ein, wie sie in der E-Mail stehen.
refusal-wrong-code = { $tries ->
    [0] Das ist nicht der Code aus der neuesten E-Mail. Sie haben keinen Versuch mehr: Nehmen Sie den Link aus der E-Mail.
    [one] Das ist nicht der Code aus der neuesten E-Mail. Sie haben noch einen Versuch.
   *[other] Das ist nicht der Code aus der neuesten E-Mail. Sie haben noch { $tries } Versuche.
}
refusal-not-recognized = Diese E-Mail-Adresse ist nicht bekannt. Prüfen Sie, ob Sie sich vertippt haben, oder bitten Sie den Betreiber dieser Seite, sie aufzunehmen.
refusal-not-recognized-ask = Diese E-Mail-Adresse ist nicht bekannt. Prüfen Sie, ob Sie sich vertippt haben, oder bitten Sie { $support }, sie aufzunehmen.
refusal-malformed-request = Die Anfrage war nicht lesbar. Gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es noch einmal.
refusal-code-locked = Der Code wurde zu oft falsch eingegeben und gilt nicht mehr. Der Link in der E-Mail gilt noch.
refusal-limited = Das war zu oft. Warten Sie { $wait } und versuchen Sie es dann noch einmal.
refusal-not-ready = Bei uns ist etwas schiefgegangen. Warten Sie einen Moment und versuchen Sie es dann noch einmal.
refusal-no-such-session = Dieses Gerät ist nicht mehr angemeldet.
refusal-no-such-mail = Diese Mail kann nicht mehr versucht werden: Sie ist abgeschickt, abgelaufen oder wird gerade gesendet.

## The headings of pages that refuse

headline-other-browser = Öffnen Sie den Link in dem Browser, in dem Sie ihn angefordert haben
headline-superseded = Es gibt einen neueren Link
headline-expired = Dieser Link ist abgelaufen
headline-used = Dieser Link wurde schon benutzt
headline-malformed = Dieser Link ist unvollständig
headline-not-allowed = Diese Adresse ist nicht zugelassen
headline-not-ready = Das hat nicht geklappt
headline-signed-out = Sie sind nicht angemeldet

## What is wrong with an address

address-empty = Geben Sie Ihre Adresse ein, zum Beispiel name@example.com.
address-too-long = So lang kann eine Adresse nicht sein. Geben Sie eine einzige ein, zum Beispiel name@example.com.
address-control-character = Die Adresse enthält einen Zeilenumbruch oder ein anderes unsichtbares Zeichen. Tippen Sie sie von Hand, zum Beispiel name@example.com.
address-display-name = Geben Sie nur die Adresse ein, ohne Namen und spitze Klammern, zum Beispiel name@example.com.
address-quoted = Adressen mit Anführungszeichen gehen hier nicht. Geben Sie eine wie name@example.com ein.
address-comment = Lassen Sie die Klammern und ihren Inhalt weg. Geben Sie nur die Adresse ein, zum Beispiel name@example.com.
address-several = Geben Sie nur eine Adresse ein, zum Beispiel name@example.com.
address-missing-at = In der Adresse fehlt das @. Geben Sie eine wie name@example.com ein.
address-space = Die Adresse enthält ein Leerzeichen. Geben Sie sie ohne ein, zum Beispiel name@example.com.
address-local-part = Vor dem @ gehen nur Buchstaben ohne Akzente und Umlaute, Ziffern und Zeichen wie . _ + -. Prüfen Sie die Schreibweise.
address-local-part-too-long = Der Teil vor dem @ hat mehr als 64 Zeichen. Prüfen Sie die Adresse und geben Sie sie noch einmal ein.
address-literal = Adressen mit einer Nummer statt eines Namens gehen hier nicht. Geben Sie eine wie name@example.com ein.
address-trailing-dot = Lassen Sie den Punkt am Ende weg, zum Beispiel name@example.com.
address-missing-dot = Der Teil nach dem @ ist unvollständig. Es fehlt ein Punkt, wie in name@example.com.
address-domain = Der Teil nach dem @ ist kein gültiger Domainname. Prüfen Sie die Schreibweise, zum Beispiel name@example.com.

## Failures

failure-title = Etwas ist schiefgegangen
failure-lead = Der Fehler liegt bei uns und wurde festgehalten. Warten Sie einen Moment und versuchen Sie es dann noch einmal.
failure-long-url = Die Adresse ist zu lang. Öffnen Sie den Link noch einmal aus der E-Mail.
failure-unreadable-path = Diese Adresse ist nicht lesbar: Ihr Pfad enthält Punkte, umgekehrte oder doppelte Schrägstriche oder andere Zeichen, die dort nicht stehen dürfen. Öffnen Sie den Link noch einmal oder beginnen Sie auf der Startseite, /.
failure-large-form = Das Formular ist zu groß: Höchstens 16 KiB sind möglich. Gehen Sie zurück und kürzen Sie es.

## Apps behind the gateway

app-somebody-else = Mit anderer Adresse anmelden
app-not-allowed-title = Kein Zugang mit dieser Adresse
app-not-allowed = Sie sind als { $email } angemeldet, und diese Adresse hat keinen Zugang zu { $app }. Wenden Sie sich an den Betreiber oder melden Sie sich mit einer anderen Adresse an.
app-not-allowed-ask = Sie sind als { $email } angemeldet, und diese Adresse hat keinen Zugang zu { $app }. Wenden Sie sich an { $support } oder melden Sie sich mit einer anderen Adresse an.
app-closed-title = Kein Zugang
app-closed = { $app } hat diese Anfrage nicht angenommen.
app-lost-title = Bitte noch einmal
app-lost = Dieser Zugang wurde schon benutzt oder hat länger als eine Minute gedauert. Öffnen Sie die Seite noch einmal; eine neue E-Mail brauchen Sie nicht.
app-lost-without-cookies = Dieser Browser kam nicht von hier oder behält keine Cookies für diese Seite. Erlauben Sie Cookies und öffnen Sie die Seite noch einmal.
app-open-again = Noch einmal öffnen
app-sign-out-lead = Sie sind als { $email } angemeldet. Damit melden Sie sich hier und in allen anderen Apps dieses Browsers ab.

## Devices

device-browser-on-system = { $browser } unter { $system }
device-system = ein Browser unter { $system }
device-unknown = ein unbekannter Browser

## Below every page and mail

help = Brauchen Sie Hilfe? Fragen Sie { $support }

## The sign-in mail

mail-title = Bei { $site } anmelden
mail-subject = Anmeldecode für { $site } ({ $word })
mail-preview = Ihr Code ist { $code }. Er gilt einmal, { $lifetime } lang, in dem Browser, in dem Sie ihn angefordert haben.
mail-lead = Öffnen Sie diesen Link in dem Browser, in dem Sie ihn angefordert haben. Er gilt einmal, { $lifetime } lang.
mail-button = Anmelden
mail-copy = Oder kopieren Sie den Link in jenen Browser:
mail-other-device = Lesen Sie dies auf einem anderen Gerät? Dann geben Sie in jenem Browser diesen Code ein:
mail-word = Wort auf der Seite
mail-asked = Angefordert
mail-device = Gerät
mail-not-you = Waren Sie das nicht? Dann ist nichts zu tun: Ohne diese E-Mail kommt niemand hinein. Geben Sie den Code niemandem weiter.

## The mail about a sign-in with a new browser

new-device-title = Neue Anmeldung bei { $site }
new-device-subject = Neue Anmeldung bei { $site }: { $device }
new-device-preview = { $time }. Waren Sie das?
new-device-lead = Jemand hat sich mit Ihrer Adresse angemeldet, in einem Browser, in dem { $site } Sie noch nicht gesehen hat.
new-device-you = Waren Sie das? Dann ist nichts zu tun. Neu ist ein Browser auch, nachdem seine Cookies gelöscht wurden, und in einem privaten Fenster.
new-device-not-you = Waren Sie das nicht? Melden Sie sich an und melden Sie das Gerät unter „Ihre Geräte“ ab: Es gilt sofort.
new-device-copy = Oder öffnen Sie diese Seite:
new-device-when = Angemeldet
new-device-then = Wenn Sie es nicht waren, sagen Sie es auch dem Betreiber von { $site } und ändern Sie das Passwort Ihres Postfachs: Wer Ihre E-Mails liest, kann sich als Sie anmelden.
