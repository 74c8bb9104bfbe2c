//! A plot with two logarithmic axes, as SVG for the manual: it has the colours of the page.

use std::fmt::Write;

/// The place of the axes, in the plot's units.
const LEFT: f64 = 88.0;
const RIGHT: f64 = 400.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 324.0;
/// The height of a line's label.
const LABEL: f64 = 18.0;

/// A plot.
pub struct Plot<'a> {
    /// Its name, which is that of its file too.
    pub name: &'a str,
    pub title: &'a str,
    /// What it shows, for those who do not see it.
    pub description: String,
    /// What the vertical axis counts.
    pub unit: &'a str,
    /// The powers of ten at the ends of both axes.
    pub hosts: (i32, i32),
    pub values: (i32, i32),
    /// From the highest to the lowest.
    pub lines: Vec<Line<'a>>,
}

/// A line of a plot.
pub struct Line<'a> {
    pub label: &'a str,
    /// Whether it has the colour that stands out.
    pub is_accent: bool,
    pub points: Vec<(f64, f64)>,
    /// The points from this one on stand for more than was simulated.
    pub simulated: usize,
}

impl Plot<'_> {
    fn x(&self, hosts: f64) -> f64 {
        let (least, most) = self.hosts;
        LEFT + (RIGHT - LEFT) * (hosts.log10() - f64::from(least)) / f64::from(most - least)
    }

    fn y(&self, value: f64) -> f64 {
        let (least, most) = self.values;
        BOTTOM - (BOTTOM - TOP) * (value.log10() - f64::from(least)) / f64::from(most - least)
    }

    /// Returns it as SVG.
    pub fn svg(&self) -> String {
        let Self { name, title, description, unit, .. } = self;
        let mut svg = String::new();
        let mut line = |text: String| {
            let _ = writeln!(svg, "{text}");
        };
        line(format!(
            r#"<svg class="drawing" viewBox="0 0 480 384" role="img" aria-labelledby="{name}-title {name}-desc" font-size="15" fill="none" stroke="none">"#
        ));
        line(format!(r#"  <title id="{name}-title">{title}</title>"#));
        line(format!(r#"  <desc id="{name}-desc">{description}</desc>"#));
        line(r#"  <g stroke="currentColor" stroke-opacity=".18">"#.to_owned());
        for power in self.hosts.0..=self.hosts.1 {
            let x = self.x(10_f64.powi(power));
            line(format!(r#"    <path d="M{x:.1} {TOP}V{BOTTOM}"/>"#));
        }
        for power in self.values.0..=self.values.1 {
            let y = self.y(10_f64.powi(power));
            line(format!(r#"    <path d="M{LEFT} {y:.1}H{RIGHT}"/>"#));
        }
        line("  </g>\n  <g fill=\"currentColor\">".to_owned());
        for power in self.hosts.0..=self.hosts.1 {
            let x = self.x(10_f64.powi(power));
            line(format!(
                r#"    <text x="{x:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
                BOTTOM + 22.0,
                number(power)
            ));
        }
        for power in self.values.0..=self.values.1 {
            let y = self.y(10_f64.powi(power)) + 5.0;
            line(format!(
                r#"    <text x="{:.1}" y="{y:.1}" text-anchor="end">{}</text>"#,
                LEFT - 8.0,
                number(power)
            ));
        }
        line(format!(
            r#"    <text x="{:.1}" y="{:.1}" text-anchor="middle">hosts</text>"#,
            (LEFT + RIGHT) / 2.0,
            BOTTOM + 48.0
        ));
        line(format!(r#"    <text x="2" y="{:.1}">{unit}</text>"#, TOP - 22.0));
        line("  </g>".to_owned());
        let mut above = f64::NEG_INFINITY;
        for one in &self.lines {
            let (_, last) = one.points[one.points.len() - 1];
            above = (self.y(last) + 5.0).max(above + LABEL);
            line(self.line(one, above));
        }
        svg.push_str("</svg>\n");
        svg
    }

    fn line(&self, line: &Line<'_>, label_at: f64) -> String {
        let Line { label, is_accent, points, simulated } = line;
        let class = if *is_accent { r#" class="accent""# } else { "" };
        let path = |points: &[(f64, f64)]| {
            let places: Vec<String> = points
                .iter()
                .map(|(hosts, value)| format!("{:.1} {:.1}", self.x(*hosts), self.y(*value)))
                .collect();
            format!("M{}", places.join("L"))
        };
        let mut text = format!(
            "  <g{class} stroke=\"currentColor\" stroke-width=\"2\">\n    <path d=\"{}\"/>\n    <path d=\"{}\" stroke-dasharray=\"5 4\"/>\n  </g>\n  <g{class} fill=\"currentColor\">\n",
            path(&points[..*simulated]),
            path(&points[simulated - 1..])
        );
        for (hosts, value) in &points[..*simulated] {
            let (x, y) = (self.x(*hosts), self.y(*value));
            let _ = writeln!(text, r#"    <circle cx="{x:.1}" cy="{y:.1}" r="3.5"/>"#);
        }
        let _ = write!(
            text,
            "    <text x=\"{:.1}\" y=\"{label_at:.1}\">{label}</text>\n  </g>",
            RIGHT + 8.0
        );
        text
    }
}

/// Returns a power of ten as people write it.
fn number(power: i32) -> String {
    match power {
        0..=2 => 10_u32.pow(power as u32).to_string(),
        3.. => format!("{},000", number(power - 3)),
        _ => format!("0.{}1", "0".repeat((-power - 1) as usize)),
    }
}

/// Returns a number with two digits, as people write it.
pub fn rounded(value: f64) -> String {
    let unit = 10_f64.powi(value.log10().floor() as i32 - 1);
    let value = (value / unit).round() * unit;
    if unit < 1.0 {
        let text = format!("{value:.*}", -unit.log10().floor() as usize);
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
