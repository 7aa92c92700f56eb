//! Server Key Exchange and Client Key Exchange: what they have depends on the cipher suite that was agreed.
//!
//! RFC 5246, sections 7.4.3 and 7.4.7; RFC 8422 for elliptic curves; RFC 4279 for pre-shared keys; the J-PAKE of
//! draft-cragie-tls-ecjpake.

use super::extensions::signature_algorithm;
use super::names::{self, CURVE_TYPES};
use super::session::State;
use super::vector::opaque;
use crate::dissect::{Field, Layer, Names, Stop, fields};

fields! {
    EC_SERVER = heading("EC Diffie-Hellman Server Params");
    EC_CLIENT = heading("EC Diffie-Hellman Client Params");
    DH_SERVER = heading("Diffie-Hellman Server Params");
    DH_CLIENT = heading("Diffie-Hellman Client Params");
    RSA_SERVER = heading("RSA-EXPORT Server Params");
    RSA_CLIENT = heading("RSA Encrypted PreMaster Secret");
    PSK_SERVER = heading("PSK Server Params");
    PSK_CLIENT = heading("PSK Client Params");
    RSA_PSK_CLIENT = heading("RSA PSK Client Params");
    JPAKE_SERVER = heading("EC J-PAKE Server Params");
    JPAKE_CLIENT = heading("EC J-PAKE Client Params");
    CURVE_TYPE = uint8("tls.handshake.server_curve_type", "Curve Type").hex().values(CURVE_TYPES);
    NAMED_CURVE = uint16("tls.handshake.server_named_curve", "Named Curve").hex().named(Names::Lookup(names::group));
    SERVER_POINT_LENGTH = uint8("tls.handshake.server_point_len", "Pubkey Length");
    SERVER_POINT = bytes("tls.handshake.server_point", "Pubkey");
    CLIENT_POINT_LENGTH = uint8("tls.handshake.client_point_len", "Pubkey Length");
    CLIENT_POINT = bytes("tls.handshake.client_point", "Pubkey");
    SIGNATURE_LENGTH = uint16("tls.handshake.sig_len", "Signature Length");
    SIGNATURE = bytes("tls.handshake.sig", "Signature");
    P_LENGTH = uint16("tls.handshake.p_len", "p Length");
    P = bytes("tls.handshake.p", "p");
    G_LENGTH = uint16("tls.handshake.g_len", "g Length");
    G = bytes("tls.handshake.g", "g");
    SERVER_KEY_LENGTH = uint16("tls.handshake.ys_len", "Pubkey Length");
    SERVER_KEY = bytes("tls.handshake.ys", "Pubkey");
    CLIENT_KEY_LENGTH = uint16("tls.handshake.yc_len", "Pubkey Length");
    CLIENT_KEY = bytes("tls.handshake.yc", "Pubkey");
    MODULUS_LENGTH = uint16("tls.handshake.modulus_len", "Modulus Length");
    MODULUS = bytes("tls.handshake.modulus", "Modulus");
    EXPONENT_LENGTH = uint16("tls.handshake.exponent_len", "Exponent Length");
    EXPONENT = bytes("tls.handshake.exponent", "Exponent");
    PREMASTER_LENGTH = uint16("tls.handshake.epms_len", "Encrypted PreMaster length");
    PREMASTER = bytes("tls.handshake.epms", "Encrypted PreMaster");
    HINT_LENGTH = uint16("tls.handshake.hint_len", "Hint Length");
    HINT = bytes("tls.handshake.hint", "Hint");
    IDENTITY_LENGTH = uint16("tls.handshake.identity_len", "Identity Length");
    IDENTITY = bytes("tls.handshake.identity", "Identity");
    SERVER_X_LENGTH = uint8("tls.handshake.xs_len", "Pubkey Length");
    SERVER_X = bytes("tls.handshake.xs", "Pubkey");
    SERVER_V_LENGTH = uint8("tls.handshake.vs_len", "Ephemeral Pubkey Length");
    SERVER_V = bytes("tls.handshake.vs", "Ephemeral Pubkey");
    SERVER_R_LENGTH = uint8("tls.handshake.rs_len", "Schnorr signature Length");
    SERVER_R = bytes("tls.handshake.rs", "Schnorr signature");
    CLIENT_X_LENGTH = uint8("tls.handshake.xc_len", "Pubkey Length");
    CLIENT_X = bytes("tls.handshake.xc", "Pubkey");
    CLIENT_V_LENGTH = uint8("tls.handshake.vc_len", "Ephemeral Pubkey Length");
    CLIENT_V = bytes("tls.handshake.vc", "Ephemeral Pubkey");
    CLIENT_R_LENGTH = uint8("tls.handshake.rc_len", "Schnorr signature Length");
    CLIENT_R = bytes("tls.handshake.rc", "Schnorr signature");
}

/// How keys are exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Rsa,
    DiffieHellman {
        is_signed: bool,
    },
    EllipticCurve {
        is_signed: bool,
    },
    Psk,
    RsaPsk,
    Jpake,
    /// One that is not read, or none that is known.
    Other,
}

impl Method {
    /// What the name of a suite says: `TLS_`, the method, `_WITH_`, the cipher.
    fn of(suite: u16) -> Method {
        let name = crate::names::cipher_suite(suite).and_then(|name| name.strip_prefix("TLS_"));
        let method = name.and_then(|name| name.split_once("_WITH_")).map_or("", |halves| halves.0);
        match method {
            "RSA" | "RSA_EXPORT" | "RSA_EXPORT1024" => Method::Rsa,
            "DH_anon" | "DH_anon_EXPORT" => Method::DiffieHellman { is_signed: false },
            "ECDH_anon" => Method::EllipticCurve { is_signed: false },
            "PSK" => Method::Psk,
            "RSA_PSK" => Method::RsaPsk,
            "ECJPAKE" => Method::Jpake,
            _ if method.contains("PSK") => Method::Other,
            _ if method.starts_with("ECDH_") || method.starts_with("ECDHE_") => {
                Method::EllipticCurve { is_signed: true }
            }
            _ if method.starts_with("DH_") || method.starts_with("DHE_") => Method::DiffieHellman { is_signed: true },
            _ => Method::Other,
        }
    }
}

/// Reads a Server Key Exchange.
pub(super) fn server(l: &mut Layer, state: &State) -> Result<(), Stop> {
    match Method::of(state.suite) {
        Method::EllipticCurve { is_signed } => under(l, &EC_SERVER, |l| {
            if named_curve(l)? {
                counted(l, &SERVER_POINT_LENGTH, 1, &SERVER_POINT)?;
                if is_signed {
                    signature(l, state)?;
                }
            }
            Ok(())
        }),
        Method::DiffieHellman { is_signed } => under(l, &DH_SERVER, |l| {
            counted(l, &P_LENGTH, 2, &P)?;
            counted(l, &G_LENGTH, 2, &G)?;
            counted(l, &SERVER_KEY_LENGTH, 2, &SERVER_KEY)?;
            if is_signed { signature(l, state) } else { Ok(()) }
        }),
        Method::Rsa => under(l, &RSA_SERVER, |l| {
            counted(l, &MODULUS_LENGTH, 2, &MODULUS)?;
            counted(l, &EXPONENT_LENGTH, 2, &EXPONENT)?;
            signature(l, state)
        }),
        Method::Psk => under(l, &PSK_SERVER, |l| counted(l, &HINT_LENGTH, 2, &HINT)),
        Method::Jpake => under(l, &JPAKE_SERVER, |l| {
            if named_curve(l)? {
                counted(l, &SERVER_X_LENGTH, 1, &SERVER_X)?;
                counted(l, &SERVER_V_LENGTH, 1, &SERVER_V)?;
                counted(l, &SERVER_R_LENGTH, 1, &SERVER_R)?;
            }
            Ok(())
        }),
        Method::RsaPsk | Method::Other => Ok(()),
    }
}

/// Reads a Client Key Exchange.
pub(super) fn client(l: &mut Layer, state: &State) -> Result<(), Stop> {
    match Method::of(state.suite) {
        Method::EllipticCurve { .. } => under(l, &EC_CLIENT, |l| counted(l, &CLIENT_POINT_LENGTH, 1, &CLIENT_POINT)),
        Method::DiffieHellman { .. } => under(l, &DH_CLIENT, |l| counted(l, &CLIENT_KEY_LENGTH, 2, &CLIENT_KEY)),
        // "implementations … omit the length" in SSL 3.0 (RFC 5246, section 7.4.7.1).
        Method::Rsa if state.version == names::SSL3 => {
            under(l, &RSA_CLIENT, |l| l.bytes(&PREMASTER, l.wire_remaining()).map(drop))
        }
        Method::Rsa => under(l, &RSA_CLIENT, |l| counted(l, &PREMASTER_LENGTH, 2, &PREMASTER)),
        Method::Psk => under(l, &PSK_CLIENT, |l| counted(l, &IDENTITY_LENGTH, 2, &IDENTITY)),
        Method::RsaPsk => under(l, &RSA_PSK_CLIENT, |l| {
            counted(l, &IDENTITY_LENGTH, 2, &IDENTITY)?;
            counted(l, &PREMASTER_LENGTH, 2, &PREMASTER)
        }),
        Method::Jpake => under(l, &JPAKE_CLIENT, |l| {
            counted(l, &CLIENT_X_LENGTH, 1, &CLIENT_X)?;
            counted(l, &CLIENT_V_LENGTH, 1, &CLIENT_V)?;
            counted(l, &CLIENT_R_LENGTH, 1, &CLIENT_R)
        }),
        Method::Other => Ok(()),
    }
}

/// Reads all of the rest below an item.
fn under(
    l: &mut Layer,
    heading: &'static Field,
    read: impl FnOnce(&mut Layer) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let open = l.open(heading, l.wire_remaining());
    let result = read(l);
    l.close(open);
    result
}

/// Reads a length of `width` bytes and so many bytes.
fn counted(l: &mut Layer, length: &'static Field, width: usize, bytes: &'static Field) -> Result<(), Stop> {
    let len = l.uint(length, width)?;
    l.bytes(bytes, len as usize).map(drop)
}

/// Reads which curve is used; false where it is not a named one, and nothing that follows is read.
fn named_curve(l: &mut Layer) -> Result<bool, Stop> {
    const NAMED: u8 = 3;
    if l.u8(&CURVE_TYPE)? != NAMED {
        return Ok(false);
    }
    l.u16(&NAMED_CURVE)?;
    Ok(true)
}

fn signature(l: &mut Layer, state: &State) -> Result<(), Stop> {
    if state.version == names::TLS12 {
        signature_algorithm(l)?;
    }
    opaque(l, &SIGNATURE_LENGTH, 2, (0, 0xffff), &SIGNATURE).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_say_how_keys_are_exchanged() {
        for (suite, expected) in [
            (0x002f, Method::Rsa),
            (0x0003, Method::Rsa),
            (0x0033, Method::DiffieHellman { is_signed: true }),
            (0x0031, Method::DiffieHellman { is_signed: true }),
            (0x0034, Method::DiffieHellman { is_signed: false }),
            (0xc02f, Method::EllipticCurve { is_signed: true }),
            (0xc004, Method::EllipticCurve { is_signed: true }),
            (0xc018, Method::EllipticCurve { is_signed: false }),
            (0x008c, Method::Psk),
            (0x0094, Method::RsaPsk),
            (0x0090, Method::Other),
            (0xc035, Method::Other),
            (0xc01d, Method::Other),
            (0xc0ff, Method::Jpake),
            (0x1301, Method::Other),
            (0x0000, Method::Other),
        ] {
            assert_eq!(Method::of(suite), expected, "{suite:#06x}");
        }
    }
}
