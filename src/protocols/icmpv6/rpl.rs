//! RPL: the routing protocol for low-power and lossy networks, whose messages are of ICMPv6.
//!
//! RFC 6550; the metrics are those of RFC 6551, route discovery that of RFC 6997. The code of the message says which one it is; the high
//! bit of it says that a security section comes first.
//!
//! ```text
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! | RPLInstanceID |Version Number |             Rank              |   a DODAG Information Object
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |G|0| MOP | Prf |     DTSN      |     Flags     |   Reserved    |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                       DODAGID, 16 bytes                       |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |   Option(s)...
//! +-+-+-+-+-+-+-+-+
//! ```

use super::{
    DATA, Flags, INVALID_OPTION_LENGTH, PREFERENCES, RESERVED, UNDECODED_RPL_OPTION, UNKNOWN_DATA, UNKNOWN_DATA_EXPERT,
    flags, flags_line, lifetime_line,
};
use crate::dissect::{Entry, Field, Group, Layer, LayerView, Severity, Stop, fields, names};
use crate::text::Text;

fields! {
    DIS_FLAGS = uint8("icmpv6.rpl.dis.flags", "Flags");
    DIO_INSTANCE = uint8("icmpv6.rpl.dio.instance", "RPLInstanceID");
    DIO_VERSION = uint8("icmpv6.rpl.dio.version", "Version");
    DIO_RANK = uint16("icmpv6.rpl.dio.rank", "Rank");
    DIO_FLAG = uint8("icmpv6.rpl.dio.flag", "Flags").hex().label(flags_line);
    DIO_FLAG_G = boolean("icmpv6.rpl.dio.flag.g", "Grounded (G)").bits(0x80);
    DIO_FLAG_0 = boolean("icmpv6.rpl.dio.flag.0", "Zero").bits(0x40);
    DIO_FLAG_MOP = uint8("icmpv6.rpl.dio.flag.mop", "Mode of Operation (MOP)").hex().bits(0x38).values(MODES);
    DIO_FLAG_PREFERENCE = uint8("icmpv6.rpl.dio.flag.preference", "DODAG Preference").bits(0x07);
    DIO_DTSN = uint8("icmpv6.rpl.dio.dtsn", "Destination Advertisement Trigger Sequence Number (DTSN)");
    DIO_DAGID = ipv6("icmpv6.rpl.dio.dagid", "DODAGID");
    DAO_INSTANCE = uint8("icmpv6.rpl.dao.instance", "RPLInstanceID");
    DAO_FLAG = uint8("icmpv6.rpl.dao.flag", "Flags").hex().label(flags_line);
    DAO_FLAG_K = boolean("icmpv6.rpl.dao.flag.k", "DAO-ACK Request (K)").bits(0x80);
    DAO_FLAG_D = boolean("icmpv6.rpl.dao.flag.d", "DODAGID Present (D)").bits(0x40);
    DAO_FLAG_RSV = uint8("icmpv6.rpl.dao.flag.rsv", "Reserved").bits(0x3f);
    DAO_SEQUENCE = uint8("icmpv6.rpl.dao.sequence", "DAO Sequence");
    DAO_DODAGID = ipv6("icmpv6.rpl.dao.dodagid", "DODAGID");
    DAOACK_INSTANCE = uint8("icmpv6.rpl.daoack.instance", "RPLInstanceID");
    DAOACK_FLAG = uint8("icmpv6.rpl.daoack.flag", "Flag").hex().label(flags_line);
    DAOACK_FLAG_D = boolean("icmpv6.rpl.daoack.flag.d", "DODAGID Present (D)").bits(0x80);
    DAOACK_FLAG_RSV = uint8("icmpv6.rpl.daoack.flag.rsv", "Reserved").bits(0x7f);
    DAOACK_SEQUENCE = uint8("icmpv6.rpl.daoack.sequence", "DAO-ACK Sequence");
    DAOACK_STATUS = uint8("icmpv6.rpl.daoack.status", "Status");
    DAOACK_DODAGID = ipv6("icmpv6.rpl.daoack.dodagid", "DODAGID");
    CC_INSTANCE = uint8("icmpv6.rpl.cc.instance", "RPLInstanceID");
    CC_FLAG = uint8("icmpv6.rpl.cc.flag", "Flag").hex().label(flags_line);
    CC_FLAG_R = boolean("icmpv6.rpl.cc.flag.r", "Response (R)").bits(0x80);
    CC_FLAG_RSV = uint8("icmpv6.rpl.cc.flag.rsv", "Reserved").bits(0x7f);
    CC_NONCE = uint16("icmpv6.rpl.cc.nonce", "CC Nonce").hex();
    CC_DODAGID = ipv6("icmpv6.rpl.cc.dodagid", "DODAGID");
    CC_DESTINATION_COUNTER = uint32("icmpv6.rpl.cc.destination_counter", "Destination Counter");
    SECURE_FLAG = uint8("icmpv6.rpl.secure.flag", "Flags").hex().label(flags_line);
    SECURE_FLAG_T = boolean("icmpv6.rpl.secure.flag.t", "Counter is Time (T)").bits(0x80);
    SECURE_FLAG_RSV = uint8("icmpv6.rpl.secure.flag.rsv", "Reserved").bits(0x7f);
    SECURE_ALGORITHM = uint8("icmpv6.rpl.secure.algorithm", "Algorithm").values(ALGORITHMS);
    SECURE_KIM = uint8("icmpv6.rpl.secure.kim", "Key Identifier Mode (KIM)").bits(0xc0);
    SECURE_LVL = uint8("icmpv6.rpl.secure.lvl", "Security Level (LVL)").bits(0x07);
    SECURE_RSV = uint8("icmpv6.rpl.secure.rsv", "Reserved").bits(0x38);
    SECURE_COUNTER = uint32("icmpv6.rpl.secure.counter", "Counter");
    SECURE_KEY_SOURCE = bytes("icmpv6.rpl.secure.key.source", "Key Source");
    SECURE_KEY_INDEX = uint8("icmpv6.rpl.secure.key.index", "Key Source");
    OPT_TYPE = uint8("icmpv6.rpl.opt.type", "Type").values(OPTIONS);
    OPT_LENGTH = uint8("icmpv6.rpl.opt.length", "Length");
    OPT_RESERVED = none("icmpv6.rpl.opt.reserved", "Reserved");
    OPT_PADN = none("icmpv6.rpl.opt.padn", "Paddn").label(padding_line);
    OPT_METRIC_TYPE = uint8("icmpv6.rpl.opt.metric.type", "Routing Metric/Constraint Type").values(METRICS);
    OPT_METRIC_FLAGS = uint16("icmpv6.rpl.opt.metric.flags", "Flags").hex().label(flags_line);
    OPT_METRIC_RESERVED = uint16("icmpv6.rpl.opt.metric.reserved", "Reserved Flags").hex().bits(0xf800);
    OPT_METRIC_FLAG_P = boolean("icmpv6.rpl.opt.metric.flag.p", "Flag P").of(16).bits(0x0400).flags("Set", "Not set");
    OPT_METRIC_FLAG_C = boolean("icmpv6.rpl.opt.metric.flag.c", "Flag C").of(16).bits(0x0200).flags("Set", "Not set");
    OPT_METRIC_FLAG_O = boolean("icmpv6.rpl.opt.metric.flag.o", "Flag O").of(16).bits(0x0100).flags("Set", "Not set");
    OPT_METRIC_FLAG_R = boolean("icmpv6.rpl.opt.metric.flag.r", "Flag R").of(16).bits(0x0080).flags("Set", "Not set");
    OPT_METRIC_FLAG_A = uint16("icmpv6.rpl.opt.metric.flag.a", "A Field").hex().bits(0x0070);
    OPT_METRIC_PREC = uint16("icmpv6.rpl.opt.metric.prec", "Precedence field").hex().bits(0x000f);
    OPT_METRIC_LENGTH = uint8("icmpv6.rpl.opt.metric.length", "Metric Length");
    OPT_METRIC_NSA_OBJECT = uint16("icmpv6.rpl.opt.metric.nsa.object", "Node State and Attribute Object").hex().label(flags_line);
    OPT_METRIC_NSA_OBJECT_RESERVED = uint16("icmpv6.rpl.opt.metric.nsa.object.reserved", "Reserved field").hex().bits(0xff00);
    OPT_METRIC_NSA_OBJECT_FLAGS = uint16("icmpv6.rpl.opt.metric.nsa.object.flags", "Flags").hex().bits(0x00fc);
    OPT_METRIC_NSA_OBJECT_FLAG_A = boolean("icmpv6.rpl.opt.metric.nsa.object.flag.a", "Flag A").of(16).bits(0x0002).flags("Set", "Not set");
    OPT_METRIC_NSA_OBJECT_FLAG_O = boolean("icmpv6.rpl.opt.metric.nsa.object.flag.o", "Flag O").of(16).bits(0x0001).flags("Set", "Not set");
    OPT_METRIC_NSA_OBJECT_OPTTLV_OBJECT = uint8("icmpv6.rpl.opt.metric.nsa.object.opttlv.object", "Node State and Attribute Optional TLV");
    OPT_METRIC_NSA_OBJECT_OPTTLV_OBJECT_TYPE = uint8("icmpv6.rpl.opt.metric.nsa.object.opttlv.object.type", "Node State and Attribute Optional TLV Type");
    OPT_METRIC_NSA_OBJECT_OPTTLV_OBJECT_LENGTH = uint8("icmpv6.rpl.opt.metric.nsa.object.opttlv.object.length", "Node State and Attribute Optional TLV Length");
    OPT_METRIC_NSA_OBJECT_OPTTLV_OBJECT_DATA = bytes("icmpv6.rpl.opt.metric.nsa.object.opttlv.object.data", "Raw Data");
    OPT_METRIC_NE_OBJECT = uint16("icmpv6.rpl.opt.metric.ne.object", "Node Energy Object").hex().label(flags_line);
    OPT_METRIC_NE_OBJECT_FLAGS = uint16("icmpv6.rpl.opt.metric.ne.object.flags", "Flags field").hex().bits(0xf000);
    OPT_METRIC_NE_OBJECT_FLAG_I = boolean("icmpv6.rpl.opt.metric.ne.object.flag.i", "Flag I").of(16).bits(0x0800).flags("Set", "Not set");
    OPT_METRIC_NE_OBJECT_TYPE = uint16("icmpv6.rpl.opt.metric.ne.object.type", "Type").hex().bits(0x0600);
    OPT_METRIC_NE_OBJECT_FLAG_E = boolean("icmpv6.rpl.opt.metric.ne.object.flag.e", "Flag E").of(16).bits(0x0100).flags("Set", "Not set");
    OPT_METRIC_NE_OBJECT_ENERGY = uint16("icmpv6.rpl.opt.metric.ne.object.energy", "Energy").hex().bits(0x00ff);
    OPT_METRIC_HP_OBJECT = uint16("icmpv6.rpl.opt.metric.hp.object", "Hop Count Object").hex();
    OPT_METRIC_HP_OBJECT_RESERVED = uint16("icmpv6.rpl.opt.metric.hp.object.reserved", "Reserved field").hex().bits(0xf000);
    OPT_METRIC_HP_OBJECT_FLAGS = uint16("icmpv6.rpl.opt.metric.hp.object.flags", "Flags").hex().bits(0x0f00);
    OPT_METRIC_HP_OBJECT_HP = uint16("icmpv6.rpl.opt.metric.hp.object.hp", "Hop Count").bits(0x00ff);
    OPT_METRIC_LT_OBJECT_LT = uint32("icmpv6.rpl.opt.metric.lt.object.lt", "Link Throughput");
    OPT_METRIC_LL_OBJECT_LL = uint32("icmpv6.rpl.opt.metric.ll.object.ll", "Link Latency");
    OPT_METRIC_LQL_OBJECT = uint8("icmpv6.rpl.opt.metric.lql.object", "Link Quality Level Object").hex();
    OPT_METRIC_LQL_OBJECT_RES = uint8("icmpv6.rpl.opt.metric.lql.object.res", "Reserved field").hex().bits(0xff);
    OPT_METRIC_LQL_OBJECT_VAL = uint8("icmpv6.rpl.opt.metric.lql.object.val", "Val(ue)").hex().bits(0xe0);
    OPT_METRIC_LQL_OBJECT_COUNTER = uint8("icmpv6.rpl.opt.metric.lql.object.counter", "Counter").bits(0x1f);
    OPT_METRIC_ETX_OBJECT_ETX = uint16("icmpv6.rpl.opt.metric.etx.object.etx", "ETX");
    OPT_METRIC_LC_OBJECT = none("icmpv6.rpl.opt.metric.lc.object", "Link Color Object");
    OPT_METRIC_LC_OBJECT_RES = uint8("icmpv6.rpl.opt.metric.lc.object.res", "Reserved field").hex().bits(0xff);
    OPT_METRIC_LC_OBJECT_LC = uint16("icmpv6.rpl.opt.metric.lc.object.lc", "Link Color").hex().bits(0xffc0);
    OPT_METRIC_LC_OBJECT_COUNTER = uint16("icmpv6.rpl.opt.metric.lc.object.counter", "Counter").bits(0x003f);
    OPT_METRIC_LC_OBJECT_RESERVED = uint16("icmpv6.rpl.opt.metric.lc.object.reserved", "Reserved").bits(0x003e);
    OPT_METRIC_LC_OBJECT_FLAG_I = uint16("icmpv6.rpl.opt.metric.lc.object.flag.i", "Flag I").bits(0x0001);
    OPT_ROUTE_PREFIX_LENGTH = uint8("icmpv6.rpl.opt.route.prefix_length", "Prefix Length");
    OPT_ROUTE_FLAG = uint8("icmpv6.rpl.opt.route.flag", "Flag").hex().label(flags_line);
    OPT_ROUTE_PREFERENCE = uint8("icmpv6.rpl.opt.route.pref", "Preference").bits(0x18).values(PREFERENCES);
    OPT_ROUTE_RESERVED = uint8("icmpv6.rpl.opt.route.reserved", "Reserved").bits(0xe7);
    OPT_ROUTE_LIFETIME = uint32("icmpv6.rpl.opt.route.lifetime", "Route Lifetime").label(lifetime_line);
    OPT_ROUTE_PREFIX = ipv6("icmpv6.rpl.opt.route.prefix", "Prefix");
    OPT_CONFIG_FLAG = uint8("icmpv6.rpl.opt.config.flag", "Flag").hex().label(flags_line);
    OPT_CONFIG_RESERVED = uint8("icmpv6.rpl.opt.config.reserved", "Reserved").bits(0xf0);
    OPT_CONFIG_AUTH = boolean("icmpv6.rpl.opt.config.auth", "Authentication Enabled").bits(0x08).flags("Set", "Not set");
    OPT_CONFIG_PCS = uint8("icmpv6.rpl.opt.config.pcs", "Path Control Size").bits(0x07);
    OPT_CONFIG_INTERVAL_DOUBLE = uint8("icmpv6.rpl.opt.config.interval_double", "DIOIntervalDoublings");
    OPT_CONFIG_INTERVAL_MIN = uint16("icmpv6.rpl.opt.config.interval_min", "DIOIntervalMin");
    OPT_CONFIG_REDUNDANCY = uint8("icmpv6.rpl.opt.config.redundancy", "DIORedundancyConstant");
    OPT_CONFIG_MAX_RANK_INC = uint16("icmpv6.rpl.opt.config.max_rank_inc", "MaxRankInc");
    OPT_CONFIG_MIN_HOP_RANK_INC = uint16("icmpv6.rpl.opt.config.min_hop_rank_inc", "MinHopRankInc");
    OPT_CONFIG_OCP = uint16("icmpv6.rpl.opt.config.ocp", "OCP (Objective Code Point)");
    OPT_CONFIG_RSV = uint8("icmpv6.rpl.opt.config.rsv", "Reserved");
    OPT_CONFIG_DEF_LIFETIME = uint8("icmpv6.rpl.opt.config.def_lifetime", "Default Lifetime");
    OPT_CONFIG_LIFETIME_UNIT = uint16("icmpv6.rpl.opt.config.lifetime_unit", "Lifetime Unit");
    OPT_TARGET_FLAG = none("icmpv6.rpl.opt.target.flag", "Reserved");
    OPT_TARGET_PREFIX_LENGTH = uint8("icmpv6.rpl.opt.target.prefix_length", "Target Length");
    OPT_TARGET_PREFIX = ipv6("icmpv6.rpl.opt.target.prefix", "Target");
    OPT_TRANSIT_FLAG = uint8("icmpv6.rpl.opt.transit.flag", "Flags").hex().label(flags_line);
    OPT_TRANSIT_FLAG_E = boolean("icmpv6.rpl.opt.transit.flag.e", "External").bits(0x80).flags("Set", "Not set");
    OPT_TRANSIT_FLAG_RSV = uint8("icmpv6.rpl.opt.transit.flag.rsv", "Reserved").bits(0x7f);
    OPT_TRANSIT_PATHCTL = uint8("icmpv6.rpl.opt.transit.pathctl", "Path Control");
    OPT_TRANSIT_PATHSEQ = uint8("icmpv6.rpl.opt.transit.pathseq", "Path Sequence");
    OPT_TRANSIT_PATHLIFETIME = uint8("icmpv6.rpl.opt.transit.pathlifetime", "Path Lifetime");
    OPT_TRANSIT_PARENT = ipv6("icmpv6.rpl.opt.transit.parent", "Parent Address");
    OPT_SOLICITED_INSTANCE = uint8("icmpv6.rpl.opt.solicited.instance", "Instance");
    OPT_SOLICITED_FLAG = uint8("icmpv6.rpl.opt.solicited.flag", "Flag").hex().label(flags_line);
    OPT_SOLICITED_FLAG_V = boolean("icmpv6.rpl.opt.solicited.flag.v", "Version predicate").bits(0x80);
    OPT_SOLICITED_FLAG_I = boolean("icmpv6.rpl.opt.solicited.flag.i", "InstanceID predicate").bits(0x40);
    OPT_SOLICITED_FLAG_D = boolean("icmpv6.rpl.opt.solicited.flag.d", "DODAGID predicate").bits(0x20);
    OPT_SOLICITED_FLAG_RSV = uint8("icmpv6.rpl.opt.solicited.flag.rsv", "Reserved").bits(0x1f);
    OPT_SOLICITED_DODAGID = ipv6("icmpv6.rpl.opt.solicited.dodagid", "DODAGID");
    OPT_SOLICITED_VERSION = uint8("icmpv6.rpl.opt.solicited.version", "Version");
    OPT_PREFIX_LENGTH = uint8("icmpv6.rpl.opt.prefix.length", "Prefix Length");
    OPT_PREFIX_FLAG = uint8("icmpv6.rpl.opt.prefix.flag", "Flag").hex().label(flags_line);
    OPT_PREFIX_FLAG_L = boolean("icmpv6.rpl.opt.prefix.flag.l", "On Link").bits(0x80).flags("Set", "Not set");
    OPT_CONFIG_FLAG_A = boolean("icmpv6.rpl.opt.config.flag.a", "Auto Address Config").bits(0x40).flags("Set", "Not set");
    OPT_CONFIG_FLAG_R = boolean("icmpv6.rpl.opt.config.flag.r", "Router Address").bits(0x20).flags("Set", "Not set");
    OPT_CONFIG_FLAG_RSV = uint8("icmpv6.rpl.opt.config.flag.rsv", "Reserved").bits(0x1f);
    OPT_PREFIX_VALID_LIFETIME = uint32("icmpv6.rpl.opt.prefix.valid_lifetime", "Valid Lifetime").label(lifetime_line);
    OPT_PREFIX_PREFERRED_LIFETIME = uint32("icmpv6.rpl.opt.prefix.preferred_lifetime", "Preferred Lifetime").label(lifetime_line);
    OPT_PREFIX = ipv6("icmpv6.rpl.opt.prefix", "Destination Prefix");
    OPT_TARGETDESC_DESCRIPTOR = uint32("icmpv6.rpl.opt.targetdesc.descriptor", "Descriptor").hex();
    OPT_ROUTEDISCOVERY_FLAG = none("icmpv6.rpl.opt.routediscovery.flag", "Flags");
    OPT_ROUTEDISCOVERY_FLAG_REPLY = boolean("icmpv6.rpl.opt.routediscovery.flag.reply", "Reply").bits(0x80).flags("Yes", "No");
    OPT_ROUTEDISCOVERY_FLAG_HOPBYHOP = boolean("icmpv6.rpl.opt.routediscovery.flag.hopbyhop", "Hop-by-Hop").bits(0x40).flags("Yes", "No");
    OPT_ROUTEDISCOVERY_FLAG_NUMOFROUTES = uint8("icmpv6.rpl.opt.routediscovery.flag.numofroutes", "Number of Routes").bits(0x30);
    OPT_ROUTEDISCOVERY_FLAG_COMPR = uint8("icmpv6.rpl.opt.routediscovery.flag.compr", "Compr").bits(0x0f);
    OPT_ROUTEDISCOVERY_LIFETIME = uint8("icmpv6.rpl.opt.routediscovery.lifetime", "Lifetime").bits(0xc0).label(discovery_lifetime_line);
    OPT_ROUTEDISCOVERY_MAXRANK = uint8("icmpv6.rpl.opt.routediscovery.maxrank", "MaxRank").bits(0x3f);
    OPT_ROUTEDISCOVERY_NH = uint8("icmpv6.rpl.opt.routediscovery.nh", "NH").bits(0x3f);
    OPT_ROUTEDISCOVERY_TARGETADDR = ipv6("icmpv6.rpl.opt.routediscovery.targetaddr", "Target Address");
    OPT_ROUTEDISCOVERY_ADDR_VEC = none("icmpv6.rpl.opt.routediscovery.addr_vec", "Address Vector").label(vector_line);
    OPT_ROUTEDISCOVERY_ADDRVEC_ADDR = ipv6("icmpv6.rpl.opt.routediscovery.addrvec.addr", "Address");
    P2P_DRO_INSTANCE = uint8("icmpv6.rpl.p2p.dro.instance", "RPLInstanceID");
    P2P_DRO_VERSION = uint8("icmpv6.rpl.p2p.dro.version", "Version");
    P2P_DRO_FLAG = uint16("icmpv6.rpl.p2p.dro.flag", "Flags").hex().label(flags_line);
    P2P_DRO_FLAG_STOP = boolean("icmpv6.rpl.p2p.dro.flag.stop", "Stop").of(16).bits(0x8000).flags("Yes", "No");
    P2P_DRO_FLAG_ACK = boolean("icmpv6.rpl.p2p.dro.flag.ack", "Ack").of(16).bits(0x4000).flags("Yes", "No");
    P2P_DRO_FLAG_SEQ = uint16("icmpv6.rpl.p2p.dro.flag.seq", "Seq").bits(0x3000);
    P2P_DRO_FLAG_RESERVED = uint16("icmpv6.rpl.p2p.dro.flag.reserved", "Reserved").bits(0x0fff);
    P2P_DRO_DAGID = ipv6("icmpv6.rpl.p2p.dro.dagid", "DODAGID");
    P2P_DROACK_FLAG = uint16("icmpv6.rpl.p2p.droack.flag", "Flags").hex();
    P2P_DROACK_FLAG_SEQ = uint16("icmpv6.rpl.p2p.droack.flag.seq", "Seq").bits(0xc000);
    P2P_DROACK_FLAG_RESERVED = uint16("icmpv6.rpl.p2p.droack.flag.reserved", "Reserved").bits(0x3fff);
    UNKNOWN_METRIC = expert("icmpv6.rpl.unknown.metric", "Unknown RPL metric/constraint type", Severity::Note, Group::Undecoded);
    P2P_HOP_BY_HOP = expert("icmpv6.rpl.p2p.hop_by_hop", "Reply MUST be set to one in order to establish a Hop-by-Hop Route", Severity::Warning, Group::Protocol);
    P2P_NUM_OF_ROUTES = expert("icmpv6.rpl.p2p.num_of_routes", "This field MUST be set to zero when Hop-by-Hop Routes are being discovered", Severity::Warning, Group::Protocol);
    P2P_DRO_RDO_ZERO = expert("icmpv6.rpl.p2p.dro.rdo.zero", "This field MUST be set to zero when the P2P-RDO is included in a P2P-DRO", Severity::Warning, Group::Protocol);
    P2P_DRO_ZERO = expert("icmpv6.rpl.p2p.dro.zero", "This field MUST be set to zero", Severity::Warning, Group::Protocol);
    DIO_FLAG_2 = uint8("icmpv6.rpl.dio.flag", "Flags").hex();
    SECURE_FLAG_2 = uint8("icmpv6.rpl.secure.flag", "Flags").hex();
    OPTION = none("icmpv6.opt", "ICMPv6 RPL Option").label(option_line);
}

/// Reads a message, of the kind that `code` says.
pub(super) fn read(l: &mut Layer, code: u8) -> Result<(), Stop> {
    if code & 0x80 != 0 {
        security(l)?;
    }
    match code {
        0 | 0x80 => {
            l.u8(&DIS_FLAGS)?;
            l.bytes(&RESERVED, 1)?;
        }
        1 | 0x81 => {
            l.u8(&DIO_INSTANCE)?;
            l.u8(&DIO_VERSION)?;
            l.u16(&DIO_RANK)?;
            flags(l, &DIO_FLAG)?;
            l.u8(&DIO_DTSN)?;
            l.u8(&DIO_FLAG_2)?;
            l.bytes(&RESERVED, 1)?;
            l.ipv6(&DIO_DAGID)?;
        }
        2 | 0x82 => {
            l.u8(&DAO_INSTANCE)?;
            let bits = l.peek_u8()?;
            flags(l, &DAO_FLAG)?;
            l.bytes(&RESERVED, 1)?;
            l.u8(&DAO_SEQUENCE)?;
            if bits & 0x40 != 0 {
                l.ipv6(&DAO_DODAGID)?;
            }
        }
        3 | 0x83 => {
            l.u8(&DAOACK_INSTANCE)?;
            let bits = l.peek_u8()?;
            flags(l, &DAOACK_FLAG)?;
            l.u8(&DAOACK_SEQUENCE)?;
            l.u8(&DAOACK_STATUS)?;
            if bits & 0x80 != 0 {
                l.ipv6(&DAOACK_DODAGID)?;
            }
        }
        4 | 5 | 0x84 | 0x85 => {
            l.u8(&P2P_DRO_INSTANCE)?;
            if l.u8(&P2P_DRO_VERSION)? != 0 {
                l.expert(&P2P_DRO_ZERO);
            }
            if code & 0x7f == 4 {
                flags(l, &P2P_DRO_FLAG)?;
            } else {
                flags(l, &P2P_DROACK_FLAG)?;
            }
            l.ipv6(&P2P_DRO_DAGID)?;
        }
        0x8a => {
            l.u8(&CC_INSTANCE)?;
            flags(l, &CC_FLAG)?;
            l.u16(&CC_NONCE)?;
            l.ipv6(&CC_DODAGID)?;
            l.u32(&CC_DESTINATION_COUNTER)?;
        }
        _ => return Ok(()),
    }
    while l.wire_remaining() > 0 {
        option(l)?;
    }
    Ok(())
}

fn security(l: &mut Layer) -> Result<(), Stop> {
    flags(l, &SECURE_FLAG)?;
    l.u8(&SECURE_ALGORITHM)?;
    let levels = l.u8(&SECURE_FLAG_2)?;
    l.parts(&[&SECURE_KIM, &SECURE_LVL, &SECURE_RSV], levels);
    l.u8(&SECURE_FLAG_2)?;
    l.u32(&SECURE_COUNTER)?;
    // The key's place, by the mode: RFC 6550, section 6.1, figure 11.
    match levels >> 6 {
        0 => _ = l.u8(&SECURE_KEY_INDEX)?,
        1 => {}
        // With a signature, there is a key only where the message is encrypted too: the odd levels.
        3 if levels & 1 == 0 => {}
        _ => {
            l.bytes(&SECURE_KEY_SOURCE, 8)?;
            l.u8(&SECURE_KEY_INDEX)?;
        }
    }
    Ok(())
}

fn option(l: &mut Layer) -> Result<(), Stop> {
    let kind = l.peek_u8()?;
    if kind == 0 {
        let open = l.open(&OPTION, 1);
        l.u8(&OPT_TYPE)?;
        l.close(open);
        return Ok(());
    }
    let whole = 2 + l.peek(2).map_or(0, |bytes| usize::from(bytes[1]));
    let open = l.open(&OPTION, whole);
    l.u8(&OPT_TYPE)?;
    let len = usize::from(l.u8(&OPT_LENGTH)?);
    let outer = l.narrow(len);
    body(l, kind, len)?;
    let rest = l.wire_remaining();
    if rest > 0 {
        l.bytes(&UNKNOWN_DATA, rest)?;
        l.expert(&UNKNOWN_DATA_EXPERT);
    }
    l.widen(outer);
    l.close(open);
    Ok(())
}

fn body(l: &mut Layer, kind: u8, len: usize) -> Result<(), Stop> {
    match kind {
        1 => nothing(l, &OPT_PADN, len),
        2 => {
            while l.wire_remaining() > 0 {
                metric(l)?;
            }
            Ok(())
        }
        3 => {
            // The length is looked at before anything is read.
            if !matches!(len, 6 | 14 | 22) {
                l.expert_with(&INVALID_OPTION_LENGTH, 1u64);
            }
            let bits = l.u8(&OPT_ROUTE_PREFIX_LENGTH)?;
            flags(l, &OPT_ROUTE_FLAG)?;
            l.u32(&OPT_ROUTE_LIFETIME)?;
            match len {
                14 => prefix(l, &OPT_ROUTE_PREFIX, 8),
                22 => prefix(l, &OPT_ROUTE_PREFIX, 16),
                _ => {
                    let _ = bits;
                    Ok(())
                }
            }
        }
        4 => {
            flags(l, &OPT_CONFIG_FLAG)?;
            l.u8(&OPT_CONFIG_INTERVAL_DOUBLE)?;
            l.uint(&OPT_CONFIG_INTERVAL_MIN, 1)?;
            l.u8(&OPT_CONFIG_REDUNDANCY)?;
            l.u16(&OPT_CONFIG_MAX_RANK_INC)?;
            l.u16(&OPT_CONFIG_MIN_HOP_RANK_INC)?;
            l.u16(&OPT_CONFIG_OCP)?;
            l.u8(&OPT_CONFIG_RSV)?;
            l.u8(&OPT_CONFIG_DEF_LIFETIME)?;
            l.u16(&OPT_CONFIG_LIFETIME_UNIT).map(drop)
        }
        5 => {
            nothing(l, &OPT_TARGET_FLAG, 1)?;
            let bits = l.u8(&OPT_TARGET_PREFIX_LENGTH)?;
            if bits == 0 {
                return Ok(());
            }
            prefix(l, &OPT_TARGET_PREFIX, usize::from(bits).div_ceil(8).min(16))
        }
        6 => {
            flags(l, &OPT_TRANSIT_FLAG)?;
            l.u8(&OPT_TRANSIT_PATHCTL)?;
            l.u8(&OPT_TRANSIT_PATHSEQ)?;
            l.u8(&OPT_TRANSIT_PATHLIFETIME)?;
            if l.wire_remaining() > 0 {
                l.ipv6(&OPT_TRANSIT_PARENT)?;
            }
            Ok(())
        }
        7 => {
            l.u8(&OPT_SOLICITED_INSTANCE)?;
            flags(l, &OPT_SOLICITED_FLAG)?;
            l.ipv6(&OPT_SOLICITED_DODAGID)?;
            l.u8(&OPT_SOLICITED_VERSION).map(drop)
        }
        8 => {
            l.u8(&OPT_PREFIX_LENGTH)?;
            flags(l, &OPT_PREFIX_FLAG)?;
            l.u32(&OPT_PREFIX_VALID_LIFETIME)?;
            l.u32(&OPT_PREFIX_PREFERRED_LIFETIME)?;
            nothing(l, &OPT_RESERVED, 4)?;
            l.ipv6(&OPT_PREFIX).map(drop)
        }
        9 => l.u32(&OPT_TARGETDESC_DESCRIPTOR).map(drop),
        10 => route_discovery(l),
        _ => {
            l.expert_here_with(&UNDECODED_RPL_OPTION, kind);
            l.bytes(&DATA, len).map(drop)
        }
    }
}

/// Reads an item that has no value.
fn nothing(l: &mut Layer, row: &'static Field, len: usize) -> Result<(), Stop> {
    l.peek(len)?;
    l.part(row, 0u64, len);
    l.skip(len).map(drop)
}

/// Reads the first `len` bytes of an address.
fn prefix(l: &mut Layer, row: &'static Field, len: usize) -> Result<(), Stop> {
    let mut address = [0; 16];
    for (place, byte) in address.iter_mut().zip(l.peek(len)?) {
        *place = *byte;
    }
    l.detached(row, &address, len);
    l.skip(len).map(drop)
}

fn metric(l: &mut Layer) -> Result<(), Stop> {
    let len = l.peek(4).map_or(0, |bytes| usize::from(bytes[3]));
    let kind = l.peek_u8()?;
    let open = l.open_with(&OPT_METRIC_TYPE, kind, 4 + len);
    l.skip(1)?;
    flags(l, &OPT_METRIC_FLAGS)?;
    let is_constraint = l.all().get(l.offset() - 2).is_some_and(|byte| byte & 0x02 != 0);
    l.u8(&OPT_METRIC_LENGTH)?;
    let outer = l.narrow(len);
    match kind {
        1 => {
            flags(l, &OPT_METRIC_NSA_OBJECT)?;
            while l.wire_remaining() > 0 {
                state_option(l)?;
            }
        }
        2 => each(l, 2, |l| flags(l, &OPT_METRIC_NE_OBJECT))?,
        3 => flags(l, &OPT_METRIC_HP_OBJECT)?,
        4 => each(l, 4, |l| l.u32(&OPT_METRIC_LT_OBJECT_LT).map(drop))?,
        5 => each(l, 4, |l| l.u32(&OPT_METRIC_LL_OBJECT_LL).map(drop))?,
        6 => {
            l.u8(&OPT_METRIC_LQL_OBJECT_RES)?;
            each(l, 1, |l| flags(l, &OPT_METRIC_LQL_OBJECT))?;
        }
        7 => each(l, 2, |l| l.u16(&OPT_METRIC_ETX_OBJECT_ETX).map(drop))?,
        8 => {
            l.u8(&OPT_METRIC_LC_OBJECT_RES)?;
            each(l, 2, |l| link_color(l, is_constraint))?;
        }
        _ => {
            l.expert(&UNKNOWN_METRIC);
            l.skip(l.wire_remaining())?;
        }
    }
    l.skip(l.wire_remaining())?;
    l.widen(outer);
    l.close(open);
    Ok(())
}

/// Reads records of `len` bytes up to the end.
fn each(l: &mut Layer, len: usize, read: impl Fn(&mut Layer) -> Result<(), Stop>) -> Result<(), Stop> {
    while l.wire_remaining() >= len {
        read(l)?;
    }
    Ok(())
}

fn state_option(l: &mut Layer) -> Result<(), Stop> {
    let [kind, len] = *l.peek(2)?.first_chunk().ok_or(Stop::Malformed)?;
    let open = l.open_with(&OPT_METRIC_NSA_OBJECT_OPTTLV_OBJECT, kind, 2 + usize::from(len));
    l.u8(&OPT_METRIC_NSA_OBJECT_OPTTLV_OBJECT_TYPE)?;
    l.u8(&OPT_METRIC_NSA_OBJECT_OPTTLV_OBJECT_LENGTH)?;
    l.bytes(&OPT_METRIC_NSA_OBJECT_OPTTLV_OBJECT_DATA, len.into())?;
    l.close(open);
    Ok(())
}

fn link_color(l: &mut Layer, is_constraint: bool) -> Result<(), Stop> {
    let packed = l.peek_u16()?;
    let open = l.open(&OPT_METRIC_LC_OBJECT, 2);
    l.part(&OPT_METRIC_LC_OBJECT_LC, packed, 2);
    if is_constraint {
        l.part(&OPT_METRIC_LC_OBJECT_RESERVED, packed, 2);
        l.part(&OPT_METRIC_LC_OBJECT_FLAG_I, packed, 2);
    } else {
        l.part(&OPT_METRIC_LC_OBJECT_COUNTER, packed, 2);
    }
    l.skip(2)?;
    l.close(open);
    Ok(())
}

fn route_discovery(l: &mut Layer) -> Result<(), Stop> {
    let bits = l.peek_u8()?;
    let open = l.open(&OPT_ROUTEDISCOVERY_FLAG, 1);
    let reply = l.part(&OPT_ROUTEDISCOVERY_FLAG_REPLY, bits, 1) != 0;
    let by_hops = l.part(&OPT_ROUTEDISCOVERY_FLAG_HOPBYHOP, bits, 1) != 0;
    if by_hops && !reply {
        l.expert(&P2P_HOP_BY_HOP);
    }
    let routes = l.part(&OPT_ROUTEDISCOVERY_FLAG_NUMOFROUTES, bits, 1);
    if by_hops && routes != 0 {
        l.expert(&P2P_NUM_OF_ROUTES);
    }
    let elided = l.part(&OPT_ROUTEDISCOVERY_FLAG_COMPR, bits, 1) as usize;
    l.skip(1)?;
    l.close(open);
    let packed = l.peek_u8()?;
    l.part(&OPT_ROUTEDISCOVERY_LIFETIME, packed, 1);
    l.part(&OPT_ROUTEDISCOVERY_MAXRANK, packed, 1);
    l.skip(1)?;
    l.ipv6(&OPT_ROUTEDISCOVERY_TARGETADDR)?;
    let rest = l.wire_remaining();
    let own = 16 - elided;
    let open = l.open_with(&OPT_ROUTEDISCOVERY_ADDR_VEC, (rest / own) as u64, rest);
    while l.wire_remaining() >= own {
        let mut address = [0; 16];
        for (place, byte) in address.iter_mut().skip(elided).zip(l.peek(own)?) {
            *place = *byte;
        }
        l.detached(&OPT_ROUTEDISCOVERY_ADDRVEC_ADDR, &address, own);
        l.skip(own)?;
    }
    l.close(open);
    Ok(())
}

// ---- lines

pub(super) static FLAGS: &[Flags] = &[
    (&DIO_FLAG, &[&DIO_FLAG_G, &DIO_FLAG_0, &DIO_FLAG_MOP, &DIO_FLAG_PREFERENCE]),
    (&DAO_FLAG, &[&DAO_FLAG_K, &DAO_FLAG_D, &DAO_FLAG_RSV]),
    (&DAOACK_FLAG, &[&DAOACK_FLAG_D, &DAOACK_FLAG_RSV]),
    (&CC_FLAG, &[&CC_FLAG_R, &CC_FLAG_RSV]),
    (&SECURE_FLAG, &[&SECURE_FLAG_T, &SECURE_FLAG_RSV]),
    (&P2P_DRO_FLAG, &[&P2P_DRO_FLAG_STOP, &P2P_DRO_FLAG_ACK, &P2P_DRO_FLAG_SEQ, &P2P_DRO_FLAG_RESERVED]),
    (&P2P_DROACK_FLAG, &[&P2P_DROACK_FLAG_SEQ, &P2P_DROACK_FLAG_RESERVED]),
    (
        &OPT_METRIC_FLAGS,
        &[
            &OPT_METRIC_RESERVED,
            &OPT_METRIC_FLAG_P,
            &OPT_METRIC_FLAG_C,
            &OPT_METRIC_FLAG_O,
            &OPT_METRIC_FLAG_R,
            &OPT_METRIC_FLAG_A,
            &OPT_METRIC_PREC,
        ],
    ),
    (
        &OPT_METRIC_NSA_OBJECT,
        &[
            &OPT_METRIC_NSA_OBJECT_RESERVED,
            &OPT_METRIC_NSA_OBJECT_FLAGS,
            &OPT_METRIC_NSA_OBJECT_FLAG_A,
            &OPT_METRIC_NSA_OBJECT_FLAG_O,
        ],
    ),
    (
        &OPT_METRIC_NE_OBJECT,
        &[
            &OPT_METRIC_NE_OBJECT_FLAGS,
            &OPT_METRIC_NE_OBJECT_FLAG_I,
            &OPT_METRIC_NE_OBJECT_TYPE,
            &OPT_METRIC_NE_OBJECT_FLAG_E,
            &OPT_METRIC_NE_OBJECT_ENERGY,
        ],
    ),
    (&OPT_METRIC_HP_OBJECT, &[&OPT_METRIC_HP_OBJECT_RESERVED, &OPT_METRIC_HP_OBJECT_FLAGS, &OPT_METRIC_HP_OBJECT_HP]),
    (&OPT_METRIC_LQL_OBJECT, &[&OPT_METRIC_LQL_OBJECT_VAL, &OPT_METRIC_LQL_OBJECT_COUNTER]),
    (&OPT_ROUTE_FLAG, &[&OPT_ROUTE_PREFERENCE, &OPT_ROUTE_RESERVED]),
    (&OPT_CONFIG_FLAG, &[&OPT_CONFIG_RESERVED, &OPT_CONFIG_AUTH, &OPT_CONFIG_PCS]),
    (&OPT_TRANSIT_FLAG, &[&OPT_TRANSIT_FLAG_E, &OPT_TRANSIT_FLAG_RSV]),
    (
        &OPT_SOLICITED_FLAG,
        &[&OPT_SOLICITED_FLAG_V, &OPT_SOLICITED_FLAG_I, &OPT_SOLICITED_FLAG_D, &OPT_SOLICITED_FLAG_RSV],
    ),
    (&OPT_PREFIX_FLAG, &[&OPT_PREFIX_FLAG_L, &OPT_CONFIG_FLAG_A, &OPT_CONFIG_FLAG_R, &OPT_CONFIG_FLAG_RSV]),
];

fn option_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("ICMPv6 RPL Option (");
    let own = layer.entries().iter().position(|other| std::ptr::eq(other, entry)).unwrap_or_default();
    let entries = layer.entries().get(own + 1..).unwrap_or_default();
    let entries = entries.split(|other| other.depth <= entry.depth).next().unwrap_or_default();
    let Some(kind) = entries.first().map(Entry::number) else { return };
    match OPT_TYPE.names.get(kind) {
        Some(name) => text.str(name),
        None => text.str("Unknown ").dec(kind),
    };
    let is_last = own + 1 + entries.len() == layer.entries().len();
    if is_last && layer.mark().stopped.is_some() {
        return;
    }
    let find = |row: &Field| entries.iter().find(|entry| entry.field.is(row));
    let with_prefix: Option<(&Field, &Field)> = match kind {
        3 => Some((&OPT_ROUTE_PREFIX, &OPT_ROUTE_PREFIX_LENGTH)),
        5 => Some((&OPT_TARGET_PREFIX, &OPT_TARGET_PREFIX_LENGTH)),
        8 => Some((&OPT_PREFIX, &OPT_PREFIX_LENGTH)),
        _ => None,
    };
    if let Some((address, bits)) = with_prefix {
        let bits = find(bits).map(Entry::number).unwrap_or_default();
        match find(address) {
            Some(entry) => {
                text.str(" ");
                layer.view.value(entry).write_address(text);
                text.str("/").dec(bits);
            }
            None if bits == 0 => _ = text.str(" ::/0"),
            None => {}
        }
    }
    if let Some(entry) = find(&OPT_TRANSIT_PARENT) {
        text.str(" ");
        layer.view.value(entry).write_address(text);
    }
    text.str(")");
}

fn padding_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Paddn (Length : ").dec(entry.len).str(" bytes)");
}

/// Writes a lifetime, which is a power of four seconds.
fn discovery_lifetime_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let code = entry.number();
    entry.field.write_bits(code, text);
    text.str("Lifetime: ").dec(code).str(" (").dec(1u64 << (2 * (code & 3))).str(" sec)");
}

fn vector_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Address Vector (").dec(entry.number()).str(" Addresses)");
}

names! {
    MODES = {
        0 => "No Downward routes maintained by RPL",
        1 => "Non-Storing Mode of Operation",
        2 => "Storing Mode of Operation with no multicast support",
        3 => "Storing Mode of Operation with multicast support",
        4 => "P2P Route Discovery Mode of Operation",
    }
    ALGORITHMS = { 0 => "CCM with AES-128 and RSA with SHA-256" }
    OPTIONS = {
        0 => "1-byte padding",
        1 => "n-byte padding",
        2 => "DAG Metric container",
        3 => "Routing Information",
        4 => "DODAG configuration",
        5 => "RPL Target",
        6 => "Transit Information",
        7 => "Solicited Information",
        8 => "Prefix Information",
        9 => "RPL Target Descriptor",
        10 => "P2P Route Discovery",
    }
    METRICS = {
        1 => "Node State and Attribute",
        2 => "Node Energy",
        3 => "Hop Count",
        4 => "Link Throughput",
        5 => "Link Latency",
        6 => "Link Quality Level",
        7 => "Link ETX",
        8 => "Link Color",
    }
}
