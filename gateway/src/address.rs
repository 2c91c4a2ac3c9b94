//! Where a call comes from: the other end of the connection, or what the proxy in front says.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{Extensions, HeaderMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};

/// Address of the caller, as a request's extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallerAddress(pub IpAddr);

impl CallerAddress {
    /// The address noted with a request; none on a connection that has none.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or(Self(Ipv4Addr::UNSPECIFIED.into()))
    }

    /// What is counted as one caller: of IPv6 the network, because whoever has one address has
    /// 2^64 of them.
    #[must_use]
    pub fn network(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(v6) => Ipv6Addr::from(u128::from(v6) >> 64 << 64).into(),
        }
    }
}

/// Notes the caller's address. A proxy's word counts only where there is a proxy: anybody can
/// write a header.
pub(crate) async fn note(
    State(behind_proxy): State<bool>,
    mut request: Request,
    next: Next,
) -> Response {
    let told = if behind_proxy { forwarded(request.headers()) } else { None };
    let address = told.or_else(|| peer(request.extensions()));
    if let Some(address) = address {
        request.extensions_mut().insert(CallerAddress(address.to_canonical()));
    }
    next.run(request).await
}

fn peer(extensions: &Extensions) -> Option<IpAddr> {
    let plain = extensions.get::<TcpConnectInfo>();
    let tls = extensions.get::<TlsConnectInfo<TcpConnectInfo>>().map(TlsConnectInfo::get_ref);
    plain.or(tls)?.remote_addr().map(|address| address.ip())
}

/// The last address of `x-forwarded-for`: our own proxy has written it; those before came with the
/// call.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    let last = last.rsplit(',').next()?.trim();
    let bare = last.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| Some(last.parse::<SocketAddr>().ok()?.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxys_own_word_counts() {
        let seen = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("x-forwarded-for", value.parse().unwrap());
            }
            forwarded(&headers).map(|address| address.to_string())
        };
        assert_eq!(seen(&["203.0.113.7"]).as_deref(), Some("203.0.113.7"));
        assert_eq!(seen(&["127.0.0.1, 203.0.113.7"]).as_deref(), Some("203.0.113.7"));
        assert_eq!(seen(&["127.0.0.1", "203.0.113.7:4711"]).as_deref(), Some("203.0.113.7"));
        assert_eq!(seen(&["[2001:db8::1]"]).as_deref(), Some("2001:db8::1"));
        assert_eq!(seen(&["[2001:db8::1]:4711"]).as_deref(), Some("2001:db8::1"));
        for nonsense in [&[][..], &[""], &["203.0.113.7,"], &["unknown"]] {
            assert_eq!(seen(nonsense), None, "{nonsense:?}");
        }
    }

    #[test]
    fn a_network_is_one_caller() {
        let network = |ip: &str| CallerAddress(ip.parse().unwrap()).network().to_string();
        assert_eq!(network("203.0.113.7"), "203.0.113.7");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }
}
