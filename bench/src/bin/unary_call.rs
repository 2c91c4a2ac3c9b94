//! What the gateway of `raschet up` adds to a call: the same call to the service's own socket and
//! through the gateway's port, by turns; as the operator, and as staff whose session is looked up.
//! `unary_call 2000` names how many calls of each kind; that is also the default.

use anyhow::{Context, Result};
use bench::{
    catalogue::Catalogue,
    door,
    measure::{milliseconds, percentile, timed},
    report::{Figure, Report},
    stage::Stage,
};
use proto::invoicing::v1::{GetSellerRequest, sellers_client::SellersClient};
use std::time::Duration;

/// Most that the gateway may add, in milliseconds.
const FLOOR: f64 = 1.0;
/// Calls before the first one that counts.
const WARM: usize = 100;

#[tokio::main]
async fn main() -> Result<()> {
    let calls: usize = std::env::args().nth(1).map_or(Ok(2000), |n| n.parse()).context("calls")?;
    let stage = Stage::open().await?;
    let mut report = Report::new("unary_call", stage.machine().await?);
    let gate = stage.up(&[]).await?;
    let name = Catalogue::make(&stage.channel("invoicing")).await?.seller;
    let mut direct = SellersClient::new(stage.channel("invoicing"));
    let mut operator = SellersClient::new(gate.operator.clone());
    let mut staff = SellersClient::new(door::administrator(&gate).await?);
    let request = || GetSellerRequest { name: name.clone() };
    let mut times: [Vec<Duration>; 3] = Default::default();
    for n in 0..calls + WARM {
        let took = [
            timed(async { Ok(direct.get_seller(request()).await?) }).await?.1,
            timed(async { Ok(operator.get_seller(request()).await?) }).await?.1,
            timed(async { Ok(staff.get_seller(request()).await?) }).await?.1,
        ];
        if n >= WARM {
            times.iter_mut().zip(took).for_each(|(all, one)| all.push(one));
        }
    }
    let p50 = |times: &[Duration]| milliseconds(percentile(times, 0.5));
    let base = p50(&times[0]);
    let names = ["direct", "through the gateway, operator", "through the gateway, staff"];
    for (name, times) in names.iter().zip(&times) {
        let total = [times.iter().sum()];
        let figure = Figure::new(format!("GetSeller {name}"), "calls", calls as u64, &total);
        let figure = figure.calls(times);
        let added = p50(times) - base;
        report.add(match *name {
            "direct" => figure,
            _ => figure
                .peak(gate.process.peak()?)
                .floor(format!("adds {added:.2} ms at p50 < 1"), added < FLOOR),
        })?;
    }
    report.finish()
}
