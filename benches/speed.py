"""How fast each contestant is, in rounds: in each round everybody is measured at everything, one after the other."""

from statistics import median

from load import CONNECTIONS, wrk

ROUNDS = 5
WARM_SECONDS, WARM_PEOPLE = 2, 64


def measure(contestants, generator, short):
    """Measure by measure and contestant by contestant: the medians of all rounds. Times, and what the
    processors have had to do for each, are in milliseconds. Memory is that at the end."""
    rounds, seconds = (1, 0.3) if short else (ROUNDS, 3)
    checks = {contestant: contestant.check() for contestant in contestants}
    people = [one for one in contestants if one.kind]

    def check(one, seconds):
        return wrk(one.port, *checks[one], seconds)

    def page(one, seconds):
        return wrk(one.port, one.login, {"Host": f"localhost:{one.port}"}, seconds)
    # Name, what is done, by whom.
    measures = [
        ("check", check, contestants),
        ("login", page, [one for one in people if one.asks]),
        ("ask", lambda one, seconds: generator.crowd("asks", one, 16, seconds), people),
        ("sign-in 1", lambda one, seconds: generator.crowd("sign_ins", one, 1, seconds), people),
        ("sign-in 16", lambda one, seconds: generator.crowd("sign_ins", one, 16, seconds), people),
    ]
    if not short:
        print("warming up …", flush=True)
        for one in contestants:
            check(one, WARM_SECONDS)
        for one in people:
            page(one, WARM_SECONDS)
            generator.crowd("sign_ins", one, 16, 60, most=WARM_PEOPLE)
    figures = {name: {one.name: [] for one in who} for name, _, who in measures}
    figures["half load"] = {one.name: [] for one in contestants}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds} …", flush=True)
        for name, act, who in measures:
            # Whoever was first is last the next time.
            for one in who[number % len(who):] + who[:number % len(who)]:
                before = one.processor_time()
                figure = act(one, seconds)
                each = (one.processor_time() - before) / figure["count"] * 1000
                figures[name][one.name].append(figure | {"processor": each})
        for one in contestants:
            rate = median(run["rate"] for run in figures["check"][one.name]) / 2
            figures["half load"][one.name].append(steadily(one, checks[one], rate, generator, seconds))
    # The same requests, until the last of their mails was there.
    figures["sent"] = {
        who: [{"rate": run["count"] / (run["seconds"] + run["last_mail_after"])} for run in runs]
        for who, runs in figures["ask"].items()}
    results = {name: {who: middle(runs) for who, runs in by_name.items()} for name, by_name in figures.items()}
    return results | {"memory": {one.name: one.memory() for one in contestants}}


def steadily(one, check, rate, generator, seconds):
    """Checks at that rate, evenly."""
    path, headers = check
    return generator.order(
        "steady", port=one.port, path=path, headers=list(({"Host": "localhost"} | headers).items()), rate=rate,
        connections=CONNECTIONS, seconds=seconds)


def middle(runs):
    """The median of each figure."""
    return {figure: median(run[figure] for run in runs) for figure in runs[0] if runs[0][figure] is not None}
