//! Payment providers for tests and rehearsals: they speak the wire formats of the real ones and move no money.

pub mod alipay;
