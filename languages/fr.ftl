# Français. Visitors are addressed as « vous ». A narrow no-break space (U+202F) stands before ; ? ! and a no-break space
# (U+00A0) before : and inside « ». The keys and what they are for: en.ftl.

## Every page

skip-to-content = Aller au contenu
go-to-start = Aller à l’accueil
sign-out = Se déconnecter
stay-signed-in = Rester connecté
description = Connectez-vous avec votre adresse e-mail : un lien ou un code par e-mail, sans mot de passe.
reference = Référence : { $id }
language-name = Français
language-choice = Langue

## A form while it waits, and when no answer of ours comes. None blames the visitor

waiting-busy = Un instant…
waiting-slow = Cela prend plus de temps que d’habitude. Il suffit d’attendre.
waiting-given-up = Le site n’a pas répondu à temps. Votre saisie est toujours là : réessayez.
waiting-unreachable = Le site est injoignable. Vérifiez votre connexion, puis réessayez.
waiting-not-ours = Le site est indisponible pour le moment. Votre saisie est toujours là : réessayez bientôt.
waiting-counts-down = Trop de tentatives. Vous pourrez réessayer à la fin du compte à rebours du bouton.

## Time spans

seconds = { $count ->
    [one] { $count } seconde
   *[other] { $count } secondes
}
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
just-now = à l’instant
minutes-ago = { $count ->
    [one] il y a { $count } minute
   *[other] il y a { $count } minutes
}
hours-ago = { $count ->
    [one] il y a { $count } heure
   *[other] il y a { $count } heures
}
days-ago = { $count ->
    [one] il y a { $count } jour
   *[other] il y a { $count } jours
}

## /login

login-title = Connexion
login-leads-to = Pour continuer vers { $path }
login-lead = Saisissez votre adresse e-mail. Nous vous enverrons un lien de connexion, sans mot de passe.
login-lead-known = Heureux de vous revoir. Nous vous enverrons un lien de connexion, sans mot de passe.
login-on-its-way = Si { $email } est une adresse autorisée, un e-mail est en route.
login-type-code = Saisir le code
login-somebody-else = Quelqu’un d’autre ?
login-others = S’est déjà connecté ici. Envoyer un lien à :
login-address-label = Adresse e-mail
login-address-example = nom@example.com
login-hint = Ouvrez le lien dans ce navigateur. Il ne sert qu’une fois, ici, et pendant quelques minutes.
login-button = Recevoir un lien

## /login/sent

sent-title = Consultez votre messagerie
sent-lead = Si { $email } est une adresse autorisée, un e-mail avec un lien est en route. Ouvrez ce lien dans ce navigateur, dans un délai de { $lifetime }.
sent-word = L’objet du dernier e-mail contient le mot { $word }.
sent-meant = Vouliez-vous dire { $email } ?
sent-open-inbox = Ouvrir { $provider } dans un nouvel onglet
sent-development = Développement : aucun e-mail ne quitte cette machine. Il est dans la { $link }.
sent-development-link = boîte de développement
sent-other-device = Vous lisez l’e-mail sur un autre appareil ? Saisissez ici le code qu’il contient.
sent-code-label = Code à huit chiffres
sent-code-hint = Le dernier chiffre vous connecte. Ne donnez ce code à personne, qui que ce soit.
sent-code-button = Se connecter
sent-again = Renvoyer
sent-again-in = Renvoyer dans { $time }
sent-wrong-address = Mauvaise adresse ?
sent-spam = Toujours rien ? Regardez aussi dans les indésirables.
sent-expired-lead = Le lien et le code pour { $email } étaient valables { $lifetime }. Demandez-en de nouveaux pour continuer.
sent-expired-button = Renvoyer un e-mail

## /verify

verify-page-title = Connexion
verify-title = Vous y êtes presque
verify-lead-scripted = Connexion en cours. Si rien ne se passe, appuyez sur le bouton.
verify-lead-unscripted = Appuyez sur le bouton pour vous connecter.
verify-button = Se connecter
verify-continue = Continuer
verify-new-link = Demander un nouveau lien

## /verify with a link that the operator has made

operator-link-title = Connexion par un lien du responsable de ce site
operator-link-lead = Ce lien a été créé à la main. Il connecte ce navigateur en tant que { $email }.
operator-link-hint = Il ne sert qu’une fois. Continuez seulement si vous l’avez demandé et si cette adresse est la vôtre.
operator-link-button = Se connecter
operator-link-leave = Renoncer

## /verify in a browser that did not ask for the link

other-browser-lead = Ce lien n’a pas été demandé dans ce navigateur, ou y a déjà servi. Les applications de messagerie ouvrent souvent les liens dans une fenêtre à elles.
other-browser-code = Retournez là où vous l’avez demandé et saisissez-y le code de l’e-mail.
other-browser-link = Ou ouvrez-y le lien :
other-browser-copy = Copier le lien
other-browser-copied = Copié. Collez-le là-bas.
other-browser-start-here = Continuer plutôt ici : envoyer un nouvel e-mail à { $email }
other-browser-start-over = Recommencer plutôt ici

## The page at / and /logout

home-page-title = Accueil
home-title = Vous êtes connecté
home-lead = Connecté en tant que { $email }.
home-apps = Vos applications
home-devices = { $count ->
    [1] Connecté sur cet appareil seulement.
   *[other] Connecté sur { $count } appareils.
}
logout-lead = Vous êtes connecté en tant que { $email }.

## /admin

admin-title = Administration
admin-tab-overview = Aperçu
admin-tab-events = Événements
admin-tab-mails = E-mails
admin-tab-sessions = Sessions
admin-sign-ins = Connexions
admin-refusals = Refus
admin-operators = Interventions
admin-sessions = Connectés en ce moment
admin-waiting = E-mails en attente
admin-refused = E-mails refusés
admin-nothing = Il n’y a rien ici.
admin-all = Tout afficher
admin-older = Plus anciens
admin-newest = Retour aux plus récents
admin-by = par { $who }
admin-chart-day = Les dernières 24 heures
admin-chart-week = Les sept derniers jours
admin-chart-sum = Connexions : { $signins }. Refus : { $refusals }.
admin-chart-table = Sous forme de tableau
admin-chart-when = Heure (UTC)
admin-mail-sign-in = Pour se connecter
admin-mail-new-device = Au sujet d’un nouveau navigateur
admin-mail-tries = { $count ->
    [0] Pas encore essayé.
    [one] Essayé { $count } fois.
   *[other] Essayé { $count } fois.
}
admin-mail-next = { $tries } Prochain essai : { $time }.
admin-mail-in-hand = L’envoi est en cours.
admin-try-again = Réessayer
admin-budgets = Budgets
admin-budget = Réglage
admin-budget-limit = Limite
admin-budget-used = Utilisé
admin-spenders = Presque épuisé par

## A path without a page

not-found-title = Page introuvable
not-found-lead = Il n’y a rien à cette adresse. Vérifiez qu’elle ne contient pas d’erreur, ou repartez de l’accueil.

## /sessions. $time: how long ago

devices-title = Vos appareils
devices-lead = Connecté en tant que { $email }. Déconnectez ce que vous ne reconnaissez pas ou n’utilisez plus : l’effet est immédiat.
devices-this = Cet appareil
devices-last-seen = Dernière activité { $time }
devices-first-seen = Connecté { $time }
devices-apps = Applications ouvertes sur cet appareil :
devices-left-out = { $count ->
    [one] Un autre appareil est connecté, sans activité récente.
   *[other] { $count } autres appareils sont connectés, sans activité récente.
}
devices-others-lead = Déconnecte tous les appareils sauf celui-ci, et ferme les applications qui y sont ouvertes. Leurs utilisateurs devront se reconnecter.
devices-others-button = Déconnecter tous les autres
devices-back = Retour à l’accueil

## /dev/inbox

dev-inbox-title = Boîte de développement
dev-inbox-again = Actualiser
dev-inbox-lead = Les e-mails que ce serveur de développement aurait envoyés, le plus récent d’abord.
dev-inbox-empty = Pas encore d’e-mail. { $link }, puis actualisez.
dev-inbox-empty-link = Demandez un lien
dev-inbox-to = À { $email }
dev-inbox-mail = L’e-mail « { $subject } »
dev-inbox-text = En texte brut

## Notices

notice-signed-out = Vous êtes déconnecté.
notice-sent-again = Un nouvel e-mail est en route. Le lien et le code précédents ne sont plus valables.
notice-start-here = Commencez ici. Si vous venez de demander un lien et revenez sur cette page, votre navigateur bloque les cookies : autorisez-les pour ce site.
notice-session-ended = Cette session est terminée.
notice-mail-tried-again = Un nouvel essai d’envoi est en cours.
notice-device-signed-out = Cet appareil est déconnecté.
notice-others-signed-out = Tous les autres appareils sont déconnectés.

## Refusals

refusal-signed-out = Vous êtes déconnecté. Connectez-vous pour continuer.
refusal-cross-site = Cette demande venait d’un autre site et n’a pas été exécutée. Ouvrez la page ici et réessayez.
refusal-not-allowed = Cette adresse n’est plus autorisée ici. Contactez le responsable du site.
refusal-not-allowed-ask = Cette adresse n’est plus autorisée ici. Contactez { $support }.
refusal-other-browser = Ce lien n’a pas été demandé dans ce navigateur, ou y a déjà servi. Ouvrez-le là où vous l’avez demandé, ou saisissez-y le code de l’e-mail.
refusal-superseded = Un e-mail plus récent a été envoyé depuis. Utilisez le lien ou le code du dernier.
refusal-expired = Le délai est dépassé. Demandez un nouveau lien.
refusal-used = Chaque lien et chaque code ne sert qu’une fois. Demandez-en un nouveau pour vous reconnecter.
refusal-malformed-link = Le lien est incomplet. Copiez le lien entier depuis l’e-mail, ou demandez-en un nouveau.
refusal-malformed-code = Le code comporte huit chiffres. Saisissez-les tels qu’ils figurent dans l’e-mail.
refusal-wrong-code = { $tries ->
    [0] Ce n’est pas le code du dernier e-mail. Il ne vous reste aucun essai : utilisez le lien de l’e-mail.
    [one] Ce n’est pas le code du dernier e-mail. Il vous reste { $tries } essai.
   *[other] Ce n’est pas le code du dernier e-mail. Il vous reste { $tries } essais.
}
refusal-not-recognized = Adresse e-mail inconnue. Vérifiez qu’elle ne contient pas d’erreur, ou demandez au responsable du site de l’ajouter.
refusal-not-recognized-ask = Adresse e-mail inconnue. Vérifiez qu’elle ne contient pas d’erreur, ou demandez à { $support } de l’ajouter.
refusal-malformed-request = La demande est illisible. Revenez en arrière, rechargez la page et réessayez.
refusal-code-locked = Le code a été mal saisi trop souvent et n’est plus valable. Le lien de l’e-mail l’est toujours.
refusal-limited = Trop de tentatives. Attendez { $wait }, puis réessayez.
refusal-not-ready = Un problème est survenu de notre côté. Patientez un instant, puis réessayez.
refusal-no-such-session = Cet appareil n’est plus connecté.
refusal-no-such-mail = Cet e-mail ne peut plus être renvoyé : il est parti, a expiré ou est en cours d’envoi.

## The headings of pages that refuse

headline-other-browser = Ouvrez ce lien dans le navigateur où vous l’avez demandé
headline-superseded = Un lien plus récent a été envoyé
headline-expired = Ce lien a expiré
headline-used = Ce lien a déjà servi
headline-malformed = Ce lien est incomplet
headline-not-allowed = Cette adresse n’est pas autorisée
headline-not-ready = Cela n’a pas fonctionné
headline-signed-out = Vous n’êtes pas connecté

## What is wrong with an address

address-empty = Saisissez votre adresse, par exemple nom@example.com.
address-too-long = Aucune adresse n’est aussi longue. Saisissez-en une seule, par exemple nom@example.com.
address-control-character = L’adresse contient un saut de ligne ou un autre caractère invisible. Tapez-la à la main, par exemple nom@example.com.
address-display-name = Saisissez seulement l’adresse, sans le nom ni les chevrons, par exemple nom@example.com.
address-quoted = Les adresses avec guillemets ne sont pas acceptées ici. Saisissez-en une comme nom@example.com.
address-comment = Retirez les parenthèses et leur contenu. Saisissez une adresse, par exemple nom@example.com.
address-several = Saisissez une seule adresse, par exemple nom@example.com.
address-missing-at = Il manque le @. Saisissez une adresse comme nom@example.com.
address-space = L’adresse contient une espace. Saisissez-la sans espace, par exemple nom@example.com.
address-local-part = Avant le @, seuls les lettres sans accent, les chiffres et des signes comme . _ + - sont possibles. Vérifiez l’orthographe.
address-local-part-too-long = La partie avant le @ dépasse 64 caractères. Vérifiez l’adresse et saisissez-la de nouveau.
address-literal = Les adresses avec un numéro au lieu d’un nom ne sont pas acceptées ici. Saisissez-en une comme nom@example.com.
address-trailing-dot = Retirez le point final, par exemple nom@example.com.
address-missing-dot = La partie après le @ est incomplète. Il y manque un point, comme dans nom@example.com.
address-domain = La partie après le @ n’est pas un nom de domaine valable. Vérifiez l’orthographe, par exemple nom@example.com.

## Failures

failure-title = Un problème est survenu
failure-lead = L’erreur vient de nous et a été enregistrée. Patientez un instant, puis réessayez.
failure-long-url = L’adresse est trop longue. Ouvrez de nouveau le lien depuis l’e-mail.
failure-unreadable-path = Cette adresse est illisible : son chemin contient des points, des barres obliques inverses ou doubles, ou d’autres signes qui n’y ont pas leur place. Ouvrez de nouveau le lien, ou repartez de l’accueil, /.
failure-large-form = Le formulaire est trop volumineux : 16 Kio au maximum. Revenez en arrière et raccourcissez-le.

## Apps behind the gateway

app-somebody-else = Utiliser une autre adresse
app-not-allowed-title = Pas d’accès avec cette adresse
app-not-allowed = Vous êtes connecté en tant que { $email }, qui n’a pas accès à { $app }. Contactez son responsable ou connectez-vous avec une autre adresse.
app-not-allowed-ask = Vous êtes connecté en tant que { $email }, qui n’a pas accès à { $app }. Contactez { $support } ou connectez-vous avec une autre adresse.
app-closed-title = Accès fermé
app-closed = { $app } n’a pas accepté cette demande.
app-lost-title = Veuillez réessayer
app-lost = Cet accès a déjà servi, ou a pris plus d’une minute. Ouvrez de nouveau la page ; il ne faut pas de nouvel e-mail.
app-lost-without-cookies = Ce navigateur n’est pas parti d’ici, ou ne garde pas de cookies pour ce site. Autorisez les cookies, puis ouvrez de nouveau la page.
app-open-again = Rouvrir la page
app-sign-out-lead = Vous êtes connecté en tant que { $email }. Vous serez déconnecté ici et dans toutes les autres applications de ce navigateur.

## Devices

device-browser-on-system = { $browser } sur { $system }
device-system = un navigateur sur { $system }
device-unknown = un navigateur inconnu

## Below every page and mail

help = Besoin d’aide ? Contactez { $support }

## The sign-in mail

mail-title = Connexion à { $site }
mail-subject = Code de connexion à { $site } ({ $word })
mail-preview = Votre code est { $code }. Il ne sert qu’une fois, pendant { $lifetime }, dans le navigateur où vous l’avez demandé.
mail-lead = Ouvrez ce lien dans le navigateur où vous l’avez demandé. Il ne sert qu’une fois, pendant { $lifetime }.
mail-button = Se connecter
mail-copy = Ou copiez le lien dans ce navigateur-là :
mail-other-device = Vous lisez ceci sur un autre appareil ? Saisissez plutôt ce code dans ce navigateur-là :
mail-word = Mot sur la page
mail-asked = Demandé le
mail-device = Appareil
mail-not-you = Ce n’était pas vous ? Ne faites rien : sans cet e-mail, personne n’entre. Ne donnez ce code à personne.

## The mail about a sign-in with a new browser

new-device-title = Nouvelle connexion à { $site }
new-device-subject = Nouvelle connexion à { $site } : { $device }
new-device-preview = { $time }. Était-ce vous ?
new-device-lead = Quelqu’un s’est connecté avec votre adresse, dans un navigateur où { $site } ne vous avait encore jamais vu.
new-device-you = C’était vous ? Il n’y a rien à faire. Un navigateur est nouveau aussi après l’effacement de ses cookies, et dans une fenêtre privée.
new-device-not-you = Ce n’était pas vous ? Connectez-vous et déconnectez l’appareil sous « Vos appareils » : l’effet est immédiat.
new-device-copy = Ou ouvrez cette page :
new-device-when = Connexion
new-device-then = Si ce n’était pas vous, prévenez aussi le responsable de { $site } et changez le mot de passe de votre messagerie : qui lit vos e-mails peut se connecter à votre place.
