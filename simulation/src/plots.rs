//! The plots of the manual's page `fleets.md`: what fleets of 10 to 100,000 hosts cost.

use std::fs;
use std::path::Path;

use crate::cost::{Cost, SIMULATED, cost};
use crate::plot::{Line, Plot, rounded};
use crate::scenario::Sharing;

/// The sizes of the fleets.
const HOSTS: [u64; 9] = [10, 32, 100, 316, 1000, 3162, 10_000, 31_623, 100_000];

/// Draws the plots into `folder`, and prints their numbers.
pub fn draw(folder: &Path) {
    let [memory, file, redis] = [Sharing::Memory, Sharing::File, Sharing::Redis].map(costs);
    let down = [cost(Sharing::Redis, SIMULATED, true)];
    for (name, costs) in [
        ("memory", &memory[..]),
        ("file", &file[..]),
        ("redis", &redis[..]),
        ("Redis down", &down[..]),
    ] {
        costs.iter().for_each(|cost| print(name, cost));
    }
    let of_server = |value: fn(&Cost) -> f64| {
        let lines = vec![
            line("memory", &memory, value, false),
            line("file", &file, value, false),
            line("Redis", &redis, value, true),
        ];
        let [memory, file, redis] = [0, 1, 2].map(|place| ends(&lines[place]));
        let from_to =
            format!("In memory, {memory}. With a file cache, {file}. With Redis, {redis}.");
        (lines, from_to)
    };
    let (lines, from_to) = of_server(|cost| cost.server.start);
    let start = Plot {
        name: "fleet-start",
        title: "Requests to the token server while a fleet starts",
        description: format!(
            "Requests in the busiest second while all processes are started within a minute, by the number of hosts. {from_to}"
        ),
        unit: "requests in the busiest second",
        hosts: (1, 5),
        values: (0, 5),
        lines,
    };
    let (lines, from_to) = of_server(|cost| cost.server.average);
    let average = Plot {
        name: "fleet-average",
        title: "Requests to the token server on average",
        description: format!("Requests a second on average, by the number of hosts. {from_to}"),
        unit: "requests a second on average",
        hosts: (1, 5),
        values: (-5, 2),
        lines,
    };
    let commands = vec![
        line("start", &redis, |cost| cost.redis.start, true),
        line("refresh", &redis, |cost| cost.redis.refresh, false),
        line("average", &redis, |cost| cost.redis.average, false),
    ];
    let commands = Plot {
        name: "fleet-redis",
        title: "Commands to Redis",
        description: format!(
            "Commands to Redis a second, by the number of hosts. In the busiest second while all processes are started within a minute, {}. In the busiest second of a refresh, {}. On average, {}.",
            ends(&commands[0]),
            ends(&commands[1]),
            ends(&commands[2])
        ),
        unit: "commands a second",
        hosts: (1, 5),
        values: (-3, 6),
        lines: commands,
    };
    for plot in [start, average, commands] {
        fs::write(folder.join(format!("{}.svg", plot.name)), plot.svg())
            .expect("the folder is there");
    }
}

/// Returns the costs of all sizes: of those up to [`SIMULATED`] as they were simulated.
fn costs(sharing: Sharing) -> Vec<Cost> {
    let (simulated, larger): (Vec<u64>, Vec<u64>) =
        HOSTS.into_iter().partition(|hosts| *hosts <= SIMULATED);
    let mut costs: Vec<Cost> =
        simulated.into_iter().map(|hosts| cost(sharing, hosts, false)).collect();
    let largest = &costs[costs.len() - 1];
    let scaled: Vec<Cost> =
        larger.into_iter().map(|hosts| largest.scaled(hosts, sharing)).collect();
    costs.extend(scaled);
    costs
}

fn print(name: &str, Cost { hosts, server, redis }: &Cost) {
    println!(
        "{name} {hosts} hosts: token server start {:.1}/s average {:.6}/s refresh {:.1}/s; Redis start {:.0}/s average {:.4}/s refresh {:.0}/s",
        server.start, server.average, server.refresh, redis.start, redis.average, redis.refresh
    );
}

fn line<'a>(label: &'a str, costs: &[Cost], value: fn(&Cost) -> f64, is_accent: bool) -> Line<'a> {
    let points = costs.iter().map(|cost| (cost.hosts as f64, value(cost))).collect();
    let simulated = HOSTS.iter().filter(|hosts| **hosts <= SIMULATED).count();
    Line { label, is_accent, points, simulated }
}

/// Says where a line begins and ends.
fn ends(line: &Line<'_>) -> String {
    let [(least, first), .., (most, last)] = line.points[..] else {
        unreachable!("there are several sizes")
    };
    let [first, last, least, most] = [first, last, least, most].map(rounded);
    if first == last {
        format!("{first}, whatever the number of hosts")
    } else {
        format!("{first} at {least} hosts and {last} at {most}")
    }
}
