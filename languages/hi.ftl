# हिन्दी. Visitors are addressed as "आप". The keys and what they are for: en.ftl.

## Every page

skip-to-content = सीधे मुख्य सामग्री पर जाएँ
go-to-start = शुरुआती पेज पर जाएँ
sign-out = साइन आउट करें
stay-signed-in = साइन इन रहें
description = अपने ईमेल पते से साइन इन करें: ईमेल से लिंक या कोड, पासवर्ड की ज़रूरत नहीं।
reference = संदर्भ: { $id }
language-name = हिन्दी
language-choice = भाषा

## A form while it waits, and when no answer of ours comes. None blames the visitor

waiting-busy = एक क्षण…
waiting-slow = इसमें सामान्य से ज़्यादा समय लग रहा है। बस इंतज़ार करें।
waiting-given-up = साइट ने समय पर जवाब नहीं दिया। आपका लिखा हुआ यहीं है: दोबारा कोशिश करें।
waiting-unreachable = साइट से संपर्क नहीं हो सका। अपना इंटरनेट कनेक्शन जाँचें, फिर दोबारा कोशिश करें।
waiting-not-ours = साइट अभी उपलब्ध नहीं है। आपका लिखा हुआ यहीं है: थोड़ी देर में दोबारा कोशिश करें।
waiting-counts-down = बहुत बार कोशिश हो चुकी है। बटन की उलटी गिनती पूरी होने पर दोबारा कोशिश करें।

## Time spans, in the oblique case: a postposition follows them ("1 घंटे के अंदर")

seconds = { $count } सेकंड
minutes = { $count } मिनट
hours = { $count } घंटे
just-now = अभी-अभी
minutes-ago = { $count } मिनट पहले
hours-ago = { $count } घंटे पहले
days-ago = { $count } दिन पहले

## /login

login-title = साइन इन करें
login-leads-to = { $path } पर जाने के लिए
login-lead = अपना ईमेल पता लिखें। हम आपको साइन इन करने का लिंक भेजेंगे, पासवर्ड की ज़रूरत नहीं।
login-lead-known = फिर से स्वागत है। हम आपको साइन इन करने का लिंक भेजेंगे, पासवर्ड की ज़रूरत नहीं।
login-on-its-way = अगर { $email } को साइन इन की अनुमति है, तो ईमेल भेजा जा रहा है।
login-type-code = ईमेल का कोड लिखें
login-somebody-else = कोई और हैं?
login-others = यहाँ पहले साइन इन किया जा चुका है। लिंक इस पते पर भेजें:
login-address-label = ईमेल पता
login-address-example = name@example.com
login-hint = लिंक को इसी ब्राउज़र में खोलें। यह सिर्फ़ यहीं, एक बार और कुछ मिनट तक काम करता है।
login-button = लिंक भेजें

## /login/sent

sent-title = अपना इनबॉक्स देखें
sent-lead = अगर { $email } को साइन इन की अनुमति है, तो लिंक वाला ईमेल भेजा जा रहा है। लिंक को { $lifetime } के अंदर इसी ब्राउज़र में खोलें।
sent-word = सबसे नए ईमेल के विषय में { $word } शब्द है।
sent-meant = क्या आपका मतलब { $email } था?
sent-open-inbox = { $provider } को नए टैब में खोलें
sent-development = डेवलपमेंट: कोई ईमेल इस मशीन से बाहर नहीं जाता। ईमेल { $link } में है।
sent-development-link = डेवलपमेंट इनबॉक्स
sent-other-device = ईमेल किसी दूसरे डिवाइस पर पढ़ रहे हैं? उसमें दिया कोड यहाँ लिखें।
sent-code-label = आठ अंकों का कोड
sent-code-hint = आख़िरी अंक लिखते ही आप साइन इन हो जाएँगे। यह कोड किसी को न बताएँ, चाहे वे ख़ुद को कोई भी बताएँ।
sent-code-button = साइन इन करें
sent-again = दोबारा भेजें
sent-again-in = { $time } में दोबारा भेजें
sent-wrong-address = पता ग़लत है?
sent-spam = अभी तक कुछ नहीं? स्पैम फ़ोल्डर में भी देखें।
sent-expired-lead = { $email } का लिंक और कोड { $lifetime } तक ही मान्य थे। आगे बढ़ने के लिए नए मँगाएँ।
sent-expired-button = नया ईमेल भेजें

## /verify

verify-page-title = साइन इन करें
verify-title = बस एक क़दम और
verify-lead-scripted = आपको साइन इन किया जा रहा है। अगर कुछ न हो, तो बटन दबाएँ।
verify-lead-unscripted = साइन इन करने के लिए बटन दबाएँ।
verify-button = साइन इन करें
verify-continue = आगे बढ़ें
verify-new-link = नया लिंक मँगाएँ

## /verify with a link that the operator has made

operator-link-title = इस साइट के संचालक के लिंक से साइन इन करें
operator-link-lead = यह लिंक हाथ से बनाया गया है। यह इस ब्राउज़र को { $email } के रूप में साइन इन करता है।
operator-link-hint = यह एक ही बार काम करता है। तभी आगे बढ़ें जब आपने इसे माँगा हो और यह पता आपका हो।
operator-link-button = साइन इन करें
operator-link-leave = रहने दें

## /verify in a browser that did not ask for the link

other-browser-lead = यह लिंक इस ब्राउज़र में नहीं मँगाया गया था, या यहाँ पहले ही इस्तेमाल हो चुका है। ईमेल ऐप अक्सर लिंक को अपनी ही विंडो में खोलते हैं।
other-browser-code = वहीं वापस जाएँ जहाँ आपने इसे मँगाया था, और ईमेल का कोड लिखें।
other-browser-link = या लिंक को वहाँ खोलें:
other-browser-copy = लिंक कॉपी करें
other-browser-copied = कॉपी हो गया। अब इसे वहाँ पेस्ट करें।
other-browser-start-here = यहीं से आगे बढ़ें: { $email } को नया ईमेल भेजें
other-browser-start-over = यहीं से शुरू करें

## The page at / and /logout

home-page-title = होम
home-title = आप साइन इन हैं
home-lead = आप { $email } से साइन इन हैं।
home-apps = आपके ऐप
home-devices = { $count ->
    [1] सिर्फ़ इसी डिवाइस पर साइन इन हैं।
   *[other] { $count } डिवाइस पर साइन इन हैं।
}
logout-lead = आप { $email } से साइन इन हैं।

## /admin

admin-title = प्रबंधन
admin-tab-overview = एक नज़र में
admin-tab-events = घटनाएँ
admin-tab-mails = मेल
admin-tab-sessions = सत्र
admin-sign-ins = साइन-इन
admin-refusals = अस्वीकृतियाँ
admin-operators = प्रबंधकों के काम
admin-sessions = अभी साइन इन
admin-waiting = प्रतीक्षा में मेल
admin-refused = अस्वीकृत मेल
admin-nothing = यहाँ कुछ नहीं है।
admin-all = सब दिखाएँ
admin-older = और पुराने
admin-newest = सबसे नए पर वापस
admin-by = { $who } द्वारा
admin-chart-day = पिछले 24 घंटे
admin-chart-week = पिछले सात दिन
admin-chart-sum = साइन-इन: { $signins }. अस्वीकृतियाँ: { $refusals }.
admin-chart-table = तालिका के रूप में
admin-chart-when = समय (UTC)
admin-mail-sign-in = साइन इन करने के लिए
admin-mail-new-device = नए ब्राउज़र के बारे में
admin-mail-tries = { $count ->
    [0] अभी कोशिश नहीं हुई।
    [one] { $count } बार कोशिश हुई।
   *[other] { $count } बार कोशिश हुई।
}
admin-mail-next = { $tries } अगली कोशिश: { $time }.
admin-mail-in-hand = यह अभी भेजी जा रही है।
admin-try-again = फिर कोशिश करें
admin-budgets = बजट
admin-budget = सेटिंग
admin-budget-limit = सीमा
admin-budget-used = इस्तेमाल
admin-spenders = लगभग पूरा इस्तेमाल

## A path without a page

not-found-title = पेज नहीं मिला
not-found-lead = इस पते पर कुछ नहीं है। देखें कि पता सही लिखा है, या शुरुआत से चलें।

## /sessions. $time: how long ago

devices-title = आपके डिवाइस
devices-lead = आप { $email } से साइन इन हैं। जिसे आप नहीं पहचानते या अब इस्तेमाल नहीं करते, उसे साइन आउट करें: यह तुरंत लागू होता है।
devices-this = यह डिवाइस
devices-last-seen = आख़िरी बार { $time } सक्रिय
devices-first-seen = { $time } साइन इन किया गया
devices-apps = वहाँ खुले ऐप:
devices-left-out = { $count ->
    [one] { $count } और डिवाइस साइन इन है, जो काफ़ी समय से सक्रिय नहीं है।
   *[other] { $count } और डिवाइस साइन इन हैं, जो काफ़ी समय से सक्रिय नहीं हैं।
}
devices-others-lead = इसे छोड़कर बाक़ी सभी डिवाइस साइन आउट हो जाते हैं और वहाँ खुले ऐप बंद हो जाते हैं। उन्हें इस्तेमाल करने वालों को फिर से साइन इन करना होगा।
devices-others-button = बाक़ी सभी डिवाइस साइन आउट करें
devices-back = शुरुआत पर वापस जाएँ

## /dev/inbox

dev-inbox-title = डेवलपमेंट इनबॉक्स
dev-inbox-again = फिर से देखें
dev-inbox-lead = वे ईमेल जो यह डेवलपमेंट सर्वर भेजता, सबसे नया सबसे ऊपर।
dev-inbox-empty = अभी कोई ईमेल नहीं है। { $link }, फिर दोबारा देखें।
dev-inbox-empty-link = लिंक मँगाएँ
dev-inbox-to = { $email } को
dev-inbox-mail = ईमेल “{ $subject }”
dev-inbox-text = सादे टेक्स्ट में

## Notices

notice-signed-out = आप साइन आउट हो चुके हैं।
notice-sent-again = नया ईमेल भेजा जा रहा है। पुराना लिंक और कोड अब काम नहीं करेंगे।
notice-start-here = यहाँ से शुरू करें। अगर आपने अभी लिंक मँगाया था और फिर इसी पेज पर आ गए हैं, तो आपका ब्राउज़र कुकी रोक रहा है: इस साइट के लिए कुकी की अनुमति दें।
notice-session-ended = वह सत्र समाप्त हो गया है।
notice-mail-tried-again = वह मेल अब फिर से भेजी जा रही है।
notice-device-signed-out = वह डिवाइस साइन आउट हो चुका है।
notice-others-signed-out = बाक़ी सभी डिवाइस साइन आउट हो चुके हैं।

## Refusals

refusal-signed-out = आप साइन आउट हैं। आगे बढ़ने के लिए साइन इन करें।
refusal-cross-site = यह अनुरोध किसी दूसरी साइट से आया था, इसलिए पूरा नहीं किया गया। पेज यहाँ खोलें और दोबारा कोशिश करें।
refusal-not-allowed = इस पते को यहाँ अब साइन इन की अनुमति नहीं है। इस साइट के संचालक से पूछें।
refusal-not-allowed-ask = इस पते को यहाँ अब साइन इन की अनुमति नहीं है। { $support } से पूछें।
refusal-other-browser = यह लिंक इस ब्राउज़र में नहीं मँगाया गया था, या यहाँ पहले ही इस्तेमाल हो चुका है। इसे वहीं खोलें जहाँ मँगाया था, या वहाँ ईमेल का कोड लिखें।
refusal-superseded = इसके बाद एक नया ईमेल भेजा गया था। सबसे नए ईमेल का लिंक या कोड इस्तेमाल करें।
refusal-expired = समय समाप्त हो गया है। नया लिंक मँगाएँ।
refusal-used = हर लिंक और कोड एक ही बार काम करता है। फिर से साइन इन करना हो तो नया मँगाएँ।
refusal-malformed-link = लिंक अधूरा है। ईमेल से पूरा लिंक कॉपी करें, या नया मँगाएँ।
refusal-malformed-code = कोड में आठ अंक होते हैं। उन्हें वैसे ही लिखें जैसे वे ईमेल में हैं।
refusal-wrong-code = { $tries ->
    [0] यह सबसे नए ईमेल का कोड नहीं है। अब कोई कोशिश बाक़ी नहीं है: ईमेल का लिंक इस्तेमाल करें।
    [one] यह सबसे नए ईमेल का कोड नहीं है। आपके पास एक कोशिश और है।
   *[other] यह सबसे नए ईमेल का कोड नहीं है। आपके पास { $tries } कोशिशें और हैं।
}
refusal-not-recognized = यह ईमेल पता पहचाना नहीं गया। देखें कि पता सही लिखा है, या इस साइट के संचालक से इसे जोड़ने को कहें।
refusal-not-recognized-ask = यह ईमेल पता पहचाना नहीं गया। देखें कि पता सही लिखा है, या { $support } से इसे जोड़ने को कहें।
refusal-malformed-request = अनुरोध पढ़ा नहीं जा सका। वापस जाएँ, पेज दोबारा लोड करें और फिर कोशिश करें।
refusal-code-locked = कोड बहुत बार ग़लत लिखा गया और अब काम नहीं करता। ईमेल का लिंक अब भी काम करता है।
refusal-limited = बहुत बार कोशिश हो चुकी है। { $wait } बाद दोबारा कोशिश करें।
refusal-not-ready = हमारी ओर से कुछ गड़बड़ हुई। थोड़ा रुकें, फिर दोबारा कोशिश करें।
refusal-no-such-session = वह डिवाइस अब साइन इन नहीं है।
refusal-no-such-mail = उस मेल की अब कोशिश नहीं हो सकती: वह जा चुकी है, उसकी अवधि बीत गई है, या वह अभी भेजी जा रही है।

## The headings of pages that refuse

headline-other-browser = यह लिंक उसी ब्राउज़र में खोलें जहाँ आपने इसे मँगाया था
headline-superseded = एक नया लिंक भेजा गया है
headline-expired = इस लिंक का समय समाप्त हो गया है
headline-used = यह लिंक पहले ही इस्तेमाल हो चुका है
headline-malformed = यह लिंक अधूरा है
headline-not-allowed = इस पते को साइन इन की अनुमति नहीं है
headline-not-ready = यह नहीं हो सका
headline-signed-out = आप साइन इन नहीं हैं

## What is wrong with an address

address-empty = अपना पता लिखें, जैसे name@example.com।
address-too-long = ईमेल पता इतना लंबा नहीं हो सकता। एक ही पता लिखें, जैसे name@example.com।
address-control-character = इसमें नई लाइन या कोई और अदृश्य चिह्न है। पता हाथ से लिखें, जैसे name@example.com।
address-display-name = सिर्फ़ पता लिखें, नाम और < > के बिना, जैसे name@example.com।
address-quoted = उद्धरण चिह्न वाले पते यहाँ काम नहीं करते। name@example.com जैसा पता लिखें।
address-comment = कोष्ठक और उनके बीच का हिस्सा हटा दें। एक ही पता लिखें, जैसे name@example.com।
address-several = सिर्फ़ एक पता लिखें, जैसे name@example.com।
address-missing-at = इसमें @ नहीं है। एक पता लिखें, जैसे name@example.com।
address-space = इसमें ख़ाली जगह है। पता बिना ख़ाली जगह के लिखें, जैसे name@example.com।
address-local-part = @ से पहले सिर्फ़ अंग्रेज़ी के अक्षर, अंक और . _ + - जैसे चिह्न हो सकते हैं। देखें कि पता सही लिखा है।
address-local-part-too-long = @ से पहले का हिस्सा 64 अक्षरों से लंबा है। पता जाँचें और दोबारा लिखें।
address-literal = नाम की जगह नंबर वाले पते यहाँ काम नहीं करते। name@example.com जैसा पता लिखें।
address-trailing-dot = आख़िर का बिंदु हटा दें, जैसे name@example.com।
address-missing-dot = @ के बाद का हिस्सा अधूरा है। उसमें एक बिंदु चाहिए, जैसे name@example.com।
address-domain = @ के बाद का हिस्सा किसी मेल डोमेन का नाम नहीं है। देखें कि पता सही लिखा है, जैसे name@example.com।

## Failures

failure-title = कुछ गड़बड़ हुई
failure-lead = ग़लती हमारी ओर से है और दर्ज कर ली गई है। थोड़ा रुकें, फिर दोबारा कोशिश करें।
failure-long-url = पता बहुत लंबा है। ईमेल से लिंक दोबारा खोलें।
failure-unreadable-path = यह पता पढ़ा नहीं जा सकता: इसके पथ में बिंदु, उल्टे या दोहरे स्लैश या ऐसे दूसरे चिह्न हैं जो वहाँ नहीं हो सकते। लिंक दोबारा खोलें, या शुरुआती पेज / से चलें।
failure-large-form = फ़ॉर्म बहुत बड़ा है: ज़्यादा से ज़्यादा 16 KiB हो सकता है। वापस जाएँ और उसे छोटा करें।

## Apps behind the gateway

app-somebody-else = किसी और पते से साइन इन करें
app-not-allowed-title = इस पते को अनुमति नहीं है
app-not-allowed = आप { $email } से साइन इन हैं, और इस पते को { $app } की अनुमति नहीं है। उसके संचालक से पूछें, या किसी और पते से साइन इन करें।
app-not-allowed-ask = आप { $email } से साइन इन हैं, और इस पते को { $app } की अनुमति नहीं है। { $support } से पूछें, या किसी और पते से साइन इन करें।
app-closed-title = अनुमति नहीं है
app-closed = { $app } ने यह अनुरोध स्वीकार नहीं किया।
app-lost-title = कृपया दोबारा कोशिश करें
app-lost = यह रास्ता पहले इस्तेमाल हो चुका है, या इसमें एक मिनट से ज़्यादा लगा। पेज दोबारा खोलें; नए ईमेल की ज़रूरत नहीं है।
app-lost-without-cookies = यह ब्राउज़र यहाँ से नहीं चला था, या इस साइट की कुकी नहीं रखता। कुकी की अनुमति दें, फिर पेज दोबारा खोलें।
app-open-again = दोबारा खोलें
app-sign-out-lead = आप { $email } से साइन इन हैं। इससे आप यहाँ और इस ब्राउज़र के बाक़ी सभी ऐप से साइन आउट हो जाएँगे।

## Devices

device-browser-on-system = { $system } पर { $browser }
device-system = { $system } पर एक ब्राउज़र
device-unknown = एक अनजान ब्राउज़र

## Below every page and mail

help = मदद चाहिए? { $support } से पूछें

## The sign-in mail

mail-title = { $site } में साइन इन करें
mail-subject = { $site } के लिए साइन इन कोड ({ $word })
mail-preview = आपका कोड { $code } है। यह एक ही बार काम करता है, { $lifetime } तक, उसी ब्राउज़र में जहाँ आपने इसे मँगाया था।
mail-lead = यह लिंक उसी ब्राउज़र में खोलें जहाँ आपने इसे मँगाया था। यह एक ही बार काम करता है, { $lifetime } तक।
mail-button = साइन इन करें
mail-copy = या लिंक को उस ब्राउज़र में कॉपी करें:
mail-other-device = इसे किसी दूसरे डिवाइस पर पढ़ रहे हैं? तो उस ब्राउज़र में यह कोड लिखें:
mail-word = पेज पर दिखा शब्द
mail-asked = मँगाने का समय
mail-device = डिवाइस
mail-not-you = यह आपने नहीं किया? तो कुछ न करें: इस ईमेल के बिना कोई अंदर नहीं आ सकता। यह कोड किसी को न बताएँ।

## The mail about a sign-in with a new browser

new-device-title = { $site } में नया साइन इन
new-device-subject = { $site } में नया साइन इन: { $device }
new-device-preview = { $time }। क्या यह आपने किया था?
new-device-lead = किसी ने आपके पते से साइन इन किया है, ऐसे ब्राउज़र में जिसमें { $site } ने आपको पहले नहीं देखा था।
new-device-you = क्या यह आपने किया था? तो कुछ करने की ज़रूरत नहीं। कुकी मिटाने के बाद या निजी विंडो में भी ब्राउज़र नया माना जाता है।
new-device-not-you = यह आपने नहीं किया था? साइन इन करें और “आपके डिवाइस” में उसे साइन आउट करें: यह तुरंत लागू होता है।
new-device-copy = या यह पेज खोलें:
new-device-when = साइन इन का समय
new-device-then = अगर यह आपने नहीं किया था, तो { $site } के संचालक को भी बताएँ और अपने मेलबॉक्स का पासवर्ड बदलें: जो आपके ईमेल पढ़ता है, वह आपकी जगह साइन इन कर सकता है।
