"""The plot: a panel for each rate, a bar for each contestant. SVG by hand; the reader's own colours, light or dark."""

from html import escape

from table import CONTESTANTS, RATES, number

WIDTH, LEFT, RIGHT, MARGIN = 760, 186, 90, 16
TOP, TITLE, BAR, GAP, BETWEEN = 16, 26, 18, 6, 22
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .ground { fill: #ffffff }
  .title { font-weight: 600 }
  .peer { fill: #818b98 }
  .postern { fill: #0b6bcb }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .ground { fill: #0d1117 }
    .peer { fill: #767e89 }
    .postern { fill: #58a6ff }
  }
"""


def draw(measured):
    """A panel begins at zero and ends at its fastest: only within one are bars to be compared."""
    parts, y, said = [], TOP, []
    for measure, title, _ in RATES:
        rates = {who: measured[measure][who]["rate"] for who in CONTESTANTS if who in measured[measure]}
        title = title.replace("`", "")
        parts.append(f'<text class="title" x="{MARGIN}" y="{y + 14}">{escape(title[0].upper() + title[1:])}</text>')
        said.append(f"{title}: " + ", ".join(f"{who} {number(rate)}" for who, rate in rates.items()))
        y += TITLE
        for who, rate in rates.items():
            width = max(1, (WIDTH - LEFT - RIGHT) * rate / max(rates.values()))
            kind = "postern" if who.startswith("Postern") else "peer"
            parts.append(f'<text x="{LEFT - 10}" y="{y + 13}" text-anchor="end">{escape(who)}</text>')
            parts.append(f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2"/>')
            parts.append(f'<text x="{LEFT + width + 8:.1f}" y="{y + 13}">{number(rate)}</text>')
            y += BAR + GAP
        y += BETWEEN
    # Its own ground: some pages are light where their reader's system is dark.
    parts.insert(0, f'<rect class="ground" width="{WIDTH}" height="{y}"/>')
    body = "\n".join(f"  {part}" for part in parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img" '
        f'aria-labelledby="what figures">\n  <title id="what">What Postern does in a second, beside others</title>\n'
        f'  <desc id="figures">{escape("; ".join(said))}.</desc>\n  <style>{STYLE}  </style>\n{body}\n</svg>\n')
