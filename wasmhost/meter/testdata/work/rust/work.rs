//! The load of the benchmarks in Rust: strings, maps, sorting, and iterators.

use std::collections::{BTreeMap, HashMap};

#[no_mangle]
pub extern "C" fn work() -> i32 {
    let text = "Lorem ipsum dolor sit amet consectetur adipiscing elit ".repeat(100);
    let mut words: Vec<String> = text.split_whitespace().map(str::to_uppercase).collect();
    words.sort();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for word in &words {
        *counts.entry(word).or_default() += 1;
    }
    let sorted: BTreeMap<_, _> = counts.iter().collect();
    let line = sorted.iter().map(|(word, n)| format!("{word}={n}")).collect::<Vec<_>>().join(",");
    let squares: u64 = (0..10_000u64).filter(|n| n % 3 == 0).map(|n| n * n).sum();
    let mut numbers: Vec<u32> = (0..2000).map(|n: u32| n.wrapping_mul(2654435761)).collect();
    numbers.sort_unstable();
    (line.len() as u64 + squares + u64::from(numbers[10])) as i32
}
