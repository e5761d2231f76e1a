# Español. Visitors are addressed as «usted». The keys and what they are for: en.ftl.

## Every page

skip-to-content = Ir al contenido
go-to-start = Ir al inicio
sign-out = Cerrar sesión
stay-signed-in = Mantener la sesión
description = Inicie sesión con su correo: un enlace o un código por correo, sin contraseña.
reference = Referencia: { $id }
language-name = Español
language-choice = Idioma

## A form while it waits, and when no answer of ours comes. None blames the visitor

waiting-busy = Un momento…
waiting-slow = Está tardando más de lo normal. Solo tiene que esperar.
waiting-given-up = El sitio no respondió a tiempo. Lo que escribió sigue aquí: inténtelo de nuevo.
waiting-unreachable = No se pudo conectar con el sitio. Compruebe su conexión e inténtelo de nuevo.
waiting-not-ours = El sitio no está disponible en este momento. Lo que escribió sigue aquí: inténtelo de nuevo en un momento.
waiting-counts-down = Demasiados intentos. Podrá intentarlo de nuevo cuando acabe la cuenta atrás del botón.

## Time spans

seconds = { $count ->
    [one] { $count } segundo
   *[other] { $count } segundos
}
minutes = { $count ->
    [one] { $count } minuto
   *[other] { $count } minutos
}
hours = { $count ->
    [one] { $count } hora
   *[other] { $count } horas
}
just-now = ahora mismo
minutes-ago = { $count ->
    [one] hace { $count } minuto
   *[other] hace { $count } minutos
}
hours-ago = { $count ->
    [one] hace { $count } hora
   *[other] hace { $count } horas
}
days-ago = { $count ->
    [one] hace { $count } día
   *[other] hace { $count } días
}

## /login

login-title = Iniciar sesión
login-leads-to = Para continuar a { $path }
login-lead = Escriba su dirección de correo. Le enviaremos un enlace para entrar, sin contraseña.
login-lead-known = Nos alegra verle de nuevo. Le enviaremos un enlace para entrar, sin contraseña.
login-on-its-way = Si { $email } tiene acceso, hay un correo en camino.
login-type-code = Escribir el código
login-somebody-else = ¿Es otra persona?
login-others = Ya inició sesión aquí. Enviar un enlace a:
login-address-label = Correo electrónico
login-address-example = nombre@example.com
login-hint = Abra el enlace en este navegador. Sirve una sola vez, solo aquí y durante unos minutos.
login-button = Enviar enlace

## /login/sent

sent-title = Revise su correo
sent-lead = Si { $email } tiene acceso, hay un correo con un enlace en camino. Abra el enlace en este navegador en un plazo de { $lifetime }.
sent-word = El asunto del último correo contiene la palabra { $word }.
sent-meant = ¿Quiso decir { $email }?
sent-open-inbox = Abrir { $provider } en otra pestaña
sent-development = Desarrollo: ningún correo sale de este equipo. Está en el { $link }.
sent-development-link = buzón de desarrollo
sent-other-device = ¿Lee el correo en otro dispositivo? Escriba aquí el código que contiene.
sent-code-label = Código de ocho cifras
sent-code-hint = Con la última cifra se inicia la sesión. No dé el código a nadie, diga quien diga ser.
sent-code-button = Iniciar sesión
sent-again = Reenviar
sent-again-in = Reenviar en { $time }
sent-wrong-address = ¿Dirección equivocada?
sent-spam = ¿Aún nada? Mire también en la carpeta de spam.
sent-expired-lead = El enlace y el código para { $email } eran válidos durante { $lifetime }. Pida otros para continuar.
sent-expired-button = Enviar otro correo

## /verify

verify-page-title = Iniciar sesión
verify-title = Ya casi está
verify-lead-scripted = Iniciando sesión. Si no ocurre nada, pulse el botón.
verify-lead-unscripted = Pulse el botón para entrar.
verify-button = Iniciar sesión
verify-continue = Continuar
verify-new-link = Pedir otro enlace

## /verify with a link that the operator has made

operator-link-title = Iniciar sesión con un enlace de quien gestiona este sitio
operator-link-lead = Este enlace se creó a mano. Inicia sesión en este navegador como { $email }.
operator-link-hint = Funciona una sola vez. Continúe solo si lo ha pedido y esta es su dirección.
operator-link-button = Iniciar sesión
operator-link-leave = Dejarlo

## /verify in a browser that did not ask for the link

other-browser-lead = El enlace no se pidió en este navegador o ya se usó en él. Las aplicaciones de correo suelen abrir los enlaces en una ventana propia.
other-browser-code = Vuelva adonde lo pidió y escriba el código del correo.
other-browser-link = O abra allí el enlace:
other-browser-copy = Copiar el enlace
other-browser-copied = Copiado. Ahora péguelo allí.
other-browser-start-here = Prefiero seguir aquí: enviar otro correo a { $email }
other-browser-start-over = Prefiero empezar aquí

## The page at / and /logout

home-page-title = Inicio
home-title = Sesión iniciada
home-lead = Ha iniciado sesión como { $email }.
home-apps = Sus aplicaciones
home-devices = { $count ->
    [1] Sesión iniciada solo en este dispositivo.
   *[other] Sesión iniciada en { $count } dispositivos.
}
logout-lead = Ha iniciado sesión como { $email }.

## /admin

admin-title = Administración
admin-tab-overview = Resumen
admin-tab-events = Eventos
admin-tab-mails = Correos
admin-tab-sessions = Sesiones
admin-sign-ins = Inicios de sesión
admin-refusals = Rechazos
admin-operators = Intervenciones
admin-sessions = Sesiones abiertas
admin-waiting = Correos en espera
admin-refused = Correos rechazados
admin-nothing = Aquí no hay nada.
admin-all = Mostrar todo
admin-older = Más antiguos
admin-newest = Volver a los más recientes
admin-by = por { $who }
admin-chart-day = Las últimas 24 horas
admin-chart-week = Los últimos siete días
admin-chart-sum = Inicios de sesión: { $signins }. Rechazos: { $refusals }.
admin-chart-table = Como tabla
admin-chart-when = Hora (UTC)
admin-mail-sign-in = Para iniciar sesión
admin-mail-new-device = Sobre un navegador nuevo
admin-mail-tries = { $count ->
    [0] Aún sin intentos.
    [one] Un intento.
   *[other] { $count } intentos.
}
admin-mail-next = { $tries } Próximo intento: { $time }.
admin-mail-in-hand = Se está enviando.
admin-try-again = Reintentar
admin-budgets = Presupuestos
admin-budget = Ajuste
admin-budget-limit = Límite
admin-budget-used = Usado
admin-spenders = Casi agotado por

## A path without a page

not-found-title = Página no encontrada
not-found-lead = No hay nada en esta dirección. Compruebe si tiene errores o vuelva a empezar.

## /sessions. $time: how long ago

devices-title = Sus dispositivos
devices-lead = Ha iniciado sesión como { $email }. Cierre la sesión de lo que no reconozca o ya no use: tiene efecto al instante.
devices-this = Este dispositivo
devices-last-seen = Última actividad: { $time }
devices-first-seen = Sesión iniciada { $time }
devices-apps = Aplicaciones abiertas en él:
devices-left-out = { $count ->
    [one] Hay otro dispositivo con sesión iniciada y sin actividad reciente.
   *[other] Hay otros { $count } dispositivos con sesión iniciada y sin actividad reciente.
}
devices-others-lead = Cierra la sesión en todos los dispositivos menos este, y las aplicaciones abiertas en ellos. Quien los use tendrá que iniciar sesión de nuevo.
devices-others-button = Cerrar sesión en los demás
devices-back = Volver al inicio

## /dev/inbox

dev-inbox-title = Buzón de desarrollo
dev-inbox-again = Actualizar
dev-inbox-lead = Correos que este servidor de desarrollo habría enviado, el más reciente primero.
dev-inbox-empty = Todavía no hay correos. { $link } y después actualice.
dev-inbox-empty-link = Pida un enlace
dev-inbox-to = Para { $email }
dev-inbox-mail = El correo «{ $subject }»
dev-inbox-text = Como texto sin formato

## Notices

notice-signed-out = Ha cerrado la sesión.
notice-sent-again = Hay un nuevo correo en camino. El enlace y el código anteriores ya no valen.
notice-start-here = Empiece aquí. Si acaba de pedir un enlace y ha vuelto a esta página, su navegador bloquea las cookies: permítalas para este sitio.
notice-session-ended = Esa sesión ha terminado.
notice-mail-tried-again = Ese correo se intenta enviar de nuevo.
notice-device-signed-out = Se ha cerrado la sesión de ese dispositivo.
notice-others-signed-out = Se ha cerrado la sesión de los demás dispositivos.

## Refusals

refusal-signed-out = La sesión está cerrada. Inicie sesión para continuar.
refusal-cross-site = Esta solicitud vino de otro sitio y no se ejecutó. Abra la página aquí e inténtelo de nuevo.
refusal-not-allowed = Esta dirección ya no tiene acceso. Consulte al responsable de este sitio.
refusal-not-allowed-ask = Esta dirección ya no tiene acceso. Consulte a { $support }.
refusal-other-browser = El enlace no se pidió en este navegador o ya se usó en él. Ábralo donde lo pidió o escriba allí el código del correo.
refusal-superseded = Después se envió un correo más reciente. Use el enlace o el código del último.
refusal-expired = El plazo ha vencido. Pida otro enlace.
refusal-used = Cada enlace y cada código sirve una sola vez. Pida otro si necesita entrar de nuevo.
refusal-malformed-link = El enlace está incompleto. Copie el enlace entero del correo o pida otro.
refusal-malformed-code = El código tiene ocho cifras. Escríbalas como aparecen en el correo.
refusal-wrong-code = { $tries ->
    [0] Ese no es el código del último correo. No quedan intentos: use el enlace del correo.
    [one] Ese no es el código del último correo. Le queda un intento.
   *[other] Ese no es el código del último correo. Le quedan { $tries } intentos.
}
refusal-not-recognized = No reconocemos esta dirección. Compruebe si tiene errores o pida al responsable de este sitio que la añada.
refusal-not-recognized-ask = No reconocemos esta dirección. Compruebe si tiene errores o pida a { $support } que la añada.
refusal-malformed-request = No se pudo leer la solicitud. Vuelva atrás, recargue la página e inténtelo de nuevo.
refusal-code-locked = El código se escribió mal demasiadas veces y ya no vale. El enlace del correo sigue valiendo.
refusal-limited = Demasiados intentos. Espere { $wait } e inténtelo de nuevo.
refusal-not-ready = Algo ha fallado por nuestra parte. Espere un momento e inténtelo de nuevo.
refusal-no-such-session = Ese dispositivo ya no tiene la sesión iniciada.
refusal-no-such-mail = Ese correo ya no se puede reintentar: ha salido, ha caducado o se está enviando.

## The headings of pages that refuse

headline-other-browser = Abra el enlace en el navegador donde lo pidió
headline-superseded = Hay un enlace más reciente
headline-expired = Este enlace ha caducado
headline-used = Este enlace ya se ha usado
headline-malformed = Este enlace está incompleto
headline-not-allowed = Esta dirección no tiene acceso
headline-not-ready = No ha funcionado
headline-signed-out = No ha iniciado sesión

## What is wrong with an address

address-empty = Escriba su dirección, por ejemplo nombre@example.com.
address-too-long = Una dirección no puede ser tan larga. Escriba una sola, por ejemplo nombre@example.com.
address-control-character = La dirección contiene un salto de línea u otro carácter invisible. Escríbala a mano, por ejemplo nombre@example.com.
address-display-name = Escriba solo la dirección, sin el nombre ni los signos < >, por ejemplo nombre@example.com.
address-quoted = Aquí no se admiten direcciones con comillas. Escriba una como nombre@example.com.
address-comment = Quite los paréntesis y lo que contienen. Escriba una dirección, por ejemplo nombre@example.com.
address-several = Escriba una sola dirección, por ejemplo nombre@example.com.
address-missing-at = Falta la @. Escriba una dirección como nombre@example.com.
address-space = La dirección contiene un espacio. Escríbala sin espacios, por ejemplo nombre@example.com.
address-local-part = Antes de la @ solo puede haber letras sin tilde, cifras y signos como . _ + -. Compruebe cómo se escribe.
address-local-part-too-long = La parte anterior a la @ tiene más de 64 caracteres. Compruebe la dirección y escríbala de nuevo.
address-literal = Aquí no se admiten direcciones con un número en lugar de un nombre. Escriba una como nombre@example.com.
address-trailing-dot = Quite el punto final, por ejemplo nombre@example.com.
address-missing-dot = La parte posterior a la @ está incompleta. Le falta un punto, como en nombre@example.com.
address-domain = La parte posterior a la @ no es un nombre de dominio válido. Compruebe cómo se escribe, por ejemplo nombre@example.com.

## Failures

failure-title = Algo ha fallado
failure-lead = El fallo es nuestro y ha quedado registrado. Espere un momento e inténtelo de nuevo.
failure-long-url = La dirección es demasiado larga. Abra de nuevo el enlace desde el correo.
failure-unreadable-path = Esta dirección no se puede leer: su ruta contiene puntos, barras invertidas o dobles u otros signos que no pueden estar ahí. Abra de nuevo el enlace o empiece en la página de inicio, /.
failure-large-form = El formulario es demasiado grande: el máximo son 16 KiB. Vuelva atrás y acórtelo.

## Apps behind the gateway

app-somebody-else = Entrar con otra dirección
app-not-allowed-title = Sin acceso con esta dirección
app-not-allowed = Ha iniciado sesión como { $email }, que no tiene acceso a { $app }. Consulte a su responsable o entre con otra dirección.
app-not-allowed-ask = Ha iniciado sesión como { $email }, que no tiene acceso a { $app }. Consulte a { $support } o entre con otra dirección.
app-closed-title = Sin acceso
app-closed = { $app } no aceptó esta solicitud.
app-lost-title = Inténtelo de nuevo
app-lost = Este acceso ya se usó o tardó más de un minuto. Abra la página de nuevo; no necesita otro correo.
app-lost-without-cookies = Este navegador no partió de aquí o no guarda cookies de este sitio. Permita las cookies y abra la página de nuevo.
app-open-again = Abrir de nuevo
app-sign-out-lead = Ha iniciado sesión como { $email }. Se cerrará la sesión aquí y en todas las demás aplicaciones de este navegador.

## Devices

device-browser-on-system = { $browser } en { $system }
device-system = un navegador en { $system }
device-unknown = un navegador desconocido

## Below every page and mail

help = ¿Necesita ayuda? Pregunte a { $support }

## The sign-in mail

mail-title = Iniciar sesión en { $site }
mail-subject = Código de acceso a { $site } ({ $word })
mail-preview = Su código es { $code }. Sirve una sola vez, durante { $lifetime }, en el navegador donde lo pidió.
mail-lead = Abra este enlace en el navegador donde lo pidió. Sirve una sola vez, durante { $lifetime }.
mail-button = Iniciar sesión
mail-copy = O copie el enlace en aquel navegador:
mail-other-device = ¿Lee esto en otro dispositivo? Escriba en aquel navegador este código:
mail-word = Palabra en la página
mail-asked = Pedido
mail-device = Dispositivo
mail-not-you = ¿No ha sido usted? No haga nada: sin este correo nadie puede entrar. No dé el código a nadie.

## The mail about a sign-in with a new browser

new-device-title = Nuevo inicio de sesión en { $site }
new-device-subject = Nuevo inicio de sesión en { $site }: { $device }
new-device-preview = { $time }. ¿Ha sido usted?
new-device-lead = Alguien ha iniciado sesión con su dirección, en un navegador en el que { $site } no le había visto antes.
new-device-you = ¿Ha sido usted? Entonces no tiene que hacer nada. Un navegador también es nuevo después de borrar sus cookies y en una ventana privada.
new-device-not-you = ¿No ha sido usted? Inicie sesión y ciérrela en «Sus dispositivos»: tiene efecto al instante.
new-device-copy = O abra esta página:
new-device-when = Sesión iniciada
new-device-then = Si no ha sido usted, avise también al responsable de { $site } y cambie la contraseña de su correo: quien lee su correo puede entrar como usted.
