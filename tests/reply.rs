//! Replies of many providers in one table: class, provider, list and our address, each row by its name.
//!
//! All texts are written for this test; addresses are of RFC 5737 and RFC 3849, hosts of RFC 2606 except where the name of a
//! real provider's mail server is the point.

use std::net::IpAddr;

use postmaster_plugins::reply::{Class, Classifier, Memo, RuleSet};

struct Row {
    name: &'static str,
    class: Class,
    provider: &'static str,
    list: &'static str,
    ours: &'static str,
    reason: &'static str,
}

const fn row(
    name: &'static str,
    class: Class,
    (provider, list, ours): (&'static str, &'static str, &'static str),
    reason: &'static str,
) -> Row {
    Row {
        name,
        class,
        provider,
        list,
        ours,
        reason,
    }
}

const OURS: &str = "203.0.113.7";
const OURS6: &str = "2001:db8:25::7";
const NONE: (&str, &str, &str) = ("", "", "");

use Class::{
    Auth, Blocklist, Content, Domain, Greylist, Other, Policy, Rate, Rdns, Receiver, Reputation,
    Unexplained,
};

const ROWS: &[Row] = &[
    // --- blocklists, by the wording of the usual mail servers
    row(
        "postfix names the list",
        Blocklist,
        ("", "Spamhaus ZEN", OURS),
        "host mx.a.example[192.0.2.9] said: 554 5.7.1 Service unavailable; Client host [203.0.113.7] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/203.0.113.7 (in reply to RCPT TO command)",
    ),
    row(
        "the more special list wins",
        Blocklist,
        ("", "Spamhaus CSS", OURS),
        "450 4.7.1 Client host [203.0.113.7] blocked using zen.spamhaus.org; https://www.spamhaus.org/sbl/query/SBLCSS",
    ),
    row(
        "a list with a customer's key",
        Blocklist,
        ("", "Spamhaus ZEN", OURS),
        "550 203.0.113.7 listed at abcdefghij0123456789abcdef.zen.dq.spamhaus.net",
    ),
    row(
        "a list that no table knows",
        Blocklist,
        ("", "rbl.nobody-knows.org", OURS),
        "550 5.7.1 Client host [203.0.113.7] blocked using rbl.nobody-knows.org",
    ),
    row(
        "postscreen",
        Blocklist,
        ("", "SpamCop", OURS),
        "550 5.7.1 Service unavailable; client [203.0.113.7] blocked using bl.spamcop.net",
    ),
    row(
        "qmail's bare link",
        Blocklist,
        ("", "SpamCop", OURS),
        "451 http://www.spamcop.net/bl.shtml?203.0.113.7",
    ),
    row(
        "a link beats try again later",
        Blocklist,
        ("Barracuda", "Barracuda BRBL", OURS),
        "451 4.7.1 Please try again later, http://www.barracudanetworks.com/reputation/?ip=203.0.113.7",
    ),
    row(
        "dead list",
        Blocklist,
        ("", "SORBS (closed June 2024)", OURS),
        "450 4.7.1 Client host [203.0.113.7] is listed at dnsbl.sorbs.net",
    ),
    row(
        "exim",
        Blocklist,
        NONE_OURS,
        "550-Host 203.0.113.7 is on our local blacklist 550 ask postmaster",
    ),
    row(
        "exchange",
        Blocklist,
        NONE,
        "550 5.7.1 Recipient not authorized, your IP has been found on a block list",
    ),
    row(
        "underscores",
        Blocklist,
        NONE_OURS,
        "550 Error:Server_IP_Blacklisted [203.0.113.7]",
    ),
    row(
        "german",
        Blocklist,
        NONE_OURS,
        "554 5.7.1 Ihre IP-Adresse 203.0.113.7 steht auf einer schwarzen Liste",
    ),
    row(
        "french",
        Blocklist,
        NONE,
        "554 5.7.1 Votre serveur est blacklisté",
    ),
    row(
        "spanish",
        Blocklist,
        NONE_OURS,
        "550 La IP 203.0.113.7 figura en listas negras",
    ),
    row(
        "portuguese",
        Blocklist,
        NONE,
        "554 Seu IP está em lista negra",
    ),
    row(
        "italian",
        Blocklist,
        NONE,
        "550 Il tuo IP risulta in una blacklist",
    ),
    row(
        "polish",
        Blocklist,
        NONE,
        "550 Adres IP znajduje się na czarnej liście",
    ),
    row(
        "russian",
        Blocklist,
        NONE_OURS,
        "550 Ваш IP 203.0.113.7 находится в чёрном списке",
    ),
    row(
        "only blocked",
        Blocklist,
        NONE_OURS,
        "550 Access from ip address 203.0.113.7 blocked.",
    ),
    // --- blocklists of providers
    row(
        "microsoft consumer",
        Blocklist,
        ("Microsoft consumer", "Microsoft S3150", OURS),
        "host hotmail-com.olc.protection.outlook.com[192.0.2.9] said: 550 5.7.1 Unfortunately, messages from [203.0.113.7] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).",
    ),
    row(
        "microsoft 365",
        Blocklist,
        ("Microsoft 365", "Microsoft 5.7.606", OURS),
        "host a-example.mail.protection.outlook.com[192.0.2.9] said: 550 5.7.606 Access denied, banned sending IP [203.0.113.7]. To request removal from this list please visit https://sender.office.com/",
    ),
    row(
        "microsoft, split code",
        Blocklist,
        ("Microsoft 365", "Microsoft", OURS),
        "550 5.7.51 1 Access denied, banned sender[203.0.113.7].",
    ),
    row(
        "yahoo forever",
        Blocklist,
        ("Yahoo/AOL", "Yahoo TS03", OURS),
        "host mx-aol.mail.gm0.yahoodns.net[192.0.2.9] said: 421 4.7.1 [TS03] All messages from 203.0.113.7 will be permanently deferred; Retrying will NOT succeed.",
    ),
    row(
        "t-online",
        Blocklist,
        ("T-Online", "T-Online BL", OURS),
        "host mx01.t-online.de[192.0.2.9] refused to talk to me: 554 IP=203.0.113.7 - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.) (BL)",
    ),
    row(
        "gmx",
        Blocklist,
        ("GMX/web.de", "GMX/web.de", OURS),
        "host mx00.emig.gmx.net[192.0.2.9] refused to talk to me: 554-gmx.net (mxgmx116) Nemesis ESMTP Service not available 554-No SMTP service 554-IP address is black listed. 554 For explanation visit https://postmaster.gmx.net/en/error-messages?ip=203.0.113.7&c=bip",
    ),
    row(
        "comcast",
        Blocklist,
        ("Comcast", "Comcast BL000010", OURS),
        "host mx1.comcast.net[192.0.2.9] refused to talk to me: 554 resimta-po-13v.sys.comcast.net comcast 203.0.113.7 found on one or more DNSBLs, see http://postmaster.comcast.net/smtp-error-codes.php#BL000010",
    ),
    row(
        "proofpoint",
        Blocklist,
        ("Proofpoint", "Proofpoint Dynamic Reputation", OURS),
        "host mx0a-00112233.pphosted.com[192.0.2.9] refused to talk to me: 554 Blocked - see https://ipcheck.proofpoint.com/?ip=203.0.113.7",
    ),
    row(
        "orange",
        Blocklist,
        ("Orange", "Orange OFR006_102", ""),
        "host smtp-in.orange.fr[192.0.2.9] said: 550 5.7.1 Service refuse. Veuillez essayer plus tard. service refused, please try later. OFR006_102 [102]",
    ),
    row(
        "at&t",
        Blocklist,
        ("AT&T", "AT&T DNSBL:RBL", OURS),
        "553 5.3.0 alpi155 DNSBL:RBL 521< 203.0.113.7 >_is_blocked. For assistance forward this error to abuse_rbl@abuse-att.net",
    ),
    row(
        "our ipv6 address",
        Blocklist,
        ("", "Spamhaus ZEN", OURS6),
        "host mx6.a.example[2001:db8::9] said: 550 5.7.1 Client host [2001:db8:25::7] blocked using zen.spamhaus.org",
    ),
    // --- reputation
    row(
        "gmail in pieces",
        Reputation,
        ("Gmail", "", OURS),
        "host gmail-smtp-in.l.google.com[192.0.2.9] said: 421-4.7.28 [203.0.113.7      15] Our system has detected an unusual rate of 421-4.7.28 unsolicited mail originating from your IP address. To protect our 421-4.7.28 users from spam, mail sent from your IP address has been temporarily 421 4.7.28 rate limited. 5b1f17b1804b1-42f4e7a1d2asi1234567f8f.230 - gsmtp (in reply to end of DATA command)",
    ),
    row(
        "gmail, very low",
        Reputation,
        ("Gmail", "", OURS6),
        "550-5.7.1 [2001:db8:25::7] this message is suspicious due to the very low 550 5.7.1 reputation of the sending IP address.",
    ),
    row(
        "yahoo complaints",
        Reputation,
        ("Yahoo/AOL", "Yahoo TSS04", OURS),
        "host mta6.am0.yahoodns.net[192.0.2.9] refused to talk to me: 421 4.7.0 [TSS04] Messages from 203.0.113.7 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes",
    ),
    row(
        "microsoft slows down",
        Reputation,
        ("Microsoft consumer", "Microsoft S775", OURS),
        "451 4.7.650 The mail server [203.0.113.7] has been temporarily rate limited due to IP reputation. For e-mail delivery information, see https://postmaster.live.com (S775)",
    ),
    row(
        "cisco",
        Reputation,
        ("Cisco", "", ""),
        "host mx1.a.example.iphmx.com[192.0.2.9] refused to talk to me: 554-esa1.a.example 554 Your access to this mail system has been rejected due to the sending MTA's poor reputation.",
    ),
    row(
        "mimecast",
        Reputation,
        ("Mimecast", "", ""),
        "host eu-smtp-inbound-1.mimecast.com[192.0.2.9] said: 550 Poor Reputation Sender. - https://community.mimecast.com/docs/DOC-1369#550 [dQ3sLJkKNfyPLMxT0kVmnQ.uk123]",
    ),
    row(
        "free.fr",
        Reputation,
        ("Free", "", OURS),
        "host mx2.free.fr[192.0.2.9] refused to talk to me: 421 Too many spams from your IP (203.0.113.7), please visit http://postmaster.free.fr/",
    ),
    row(
        "netease",
        Reputation,
        ("NetEase 163/126", "NetEase MI:IPB", ""),
        "550 MI:IPB 163 mx1,please see http://mail.163.com/help/help_spam_16.htm",
    ),
    row(
        "spam traps",
        Reputation,
        NONE_OURS,
        "550 5.7.1 203.0.113.7 was caught sending to spam traps",
    ),
    row(
        "abnormal",
        Reputation,
        NONE,
        "450 4.7.1 Sender network shows abnormal sending behavior",
    ),
    // --- unexplained
    row(
        "refused, no word",
        Unexplained,
        NONE,
        "host mx.a.example[192.0.2.9] refused to talk to me: 554 mx.a.example",
    ),
    row(
        "suspended delivery",
        Unexplained,
        NONE,
        "delivery temporarily suspended: host mx.a.example[192.0.2.9] refused to talk to me: 554 5.7.1 Go away",
    ),
    row(
        "orange, no reason",
        Unexplained,
        ("Orange", "", ""),
        "host smtp-in.orange.fr[192.0.2.9] refused to talk to me: 421 mwinf5c77 ME Service refuse. Veuillez essayer plus tard. Service refused, please try later. OFR_999 [999]",
    ),
    row(
        "client host rejected",
        Unexplained,
        NONE_OURS,
        "554 5.7.1 <mail.b.example[203.0.113.7]>: Client host rejected: Access denied",
    ),
    row(
        "not trusted",
        Unexplained,
        NONE,
        "550 5.7.1 Your host is not trusted",
    ),
    row(
        "symantec's numbers",
        Unexplained,
        ("Symantec", "", ""),
        "host cluster1.eu.messagelabs.com[192.0.2.9] said: 450 Requested action aborted [7.2] 12345, please visit www.symanteccloud.com/troubleshooting",
    ),
    // --- names of our host
    row(
        "no reverse name",
        Rdns,
        NONE_OURS,
        "450 4.7.1 Client host rejected: cannot find your reverse hostname, [203.0.113.7]",
    ),
    row(
        "gmail's ptr",
        Rdns,
        ("Gmail", "", OURS),
        "host gmail-smtp-in.l.google.com[192.0.2.9] said: 550-5.7.25 [203.0.113.7] The IP address sending this message does not have a 550 5.7.25 PTR record",
    ),
    row(
        "web.de",
        Rdns,
        ("GMX/web.de", "", OURS),
        "host mx-ha02.web.de[192.0.2.9] refused to talk to me: 554-web.de (mxweb112) Nemesis ESMTP Service not available 554-No SMTP service 554-Bad DNS PTR resource record. 554 For explanation visit https://postmaster.web.de/en/error-messages?ip=203.0.113.7&c=rdns",
    ),
    row(
        "yahoo's rdns",
        Rdns,
        ("Yahoo/AOL", "", OURS),
        "host mta6.am0.yahoodns.net[192.0.2.9] said: 421 4.7.0 [TSS05] Messages from 203.0.113.7 temporarily deferred due to unresolvable RDNS",
    ),
    row(
        "helo",
        Rdns,
        NONE,
        "host mx.a.example[192.0.2.9] refused to talk to me: 450 4.7.1 <mail.b.example>: Helo command rejected: Host not found",
    ),
    row(
        "portuguese reverse",
        Rdns,
        NONE,
        "550 5.7.1 Conexao recusada - IP sem DNS reverso",
    ),
    // --- not about our server
    row(
        "dmarc",
        Auth,
        ("Gmail", "", ""),
        "host gmail-smtp-in.l.google.com[192.0.2.9] said: 550-5.7.26 Unauthenticated email from b.example is not accepted due to 550 5.7.26 domain's DMARC policy.",
    ),
    row(
        "spf names our address",
        Auth,
        NONE_OURS,
        "550 SPF MAIL FROM check failed: 203.0.113.7 is not allowed to send mail for b.example",
    ),
    row(
        "tls, said by our side",
        Auth,
        NONE,
        "TLS is required, but was not offered by host mx.a.example[192.0.2.9]",
    ),
    row(
        "domain list",
        Domain,
        ("", "Spamhaus DBL", ""),
        "554 5.7.1 Service unavailable; Sender address [news@b.example] blocked using dbl.spamhaus.org",
    ),
    row(
        "gmail's domain rate",
        Domain,
        ("Gmail", "", ""),
        "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating 421-4.7.28 from your DKIM domain [b.example 36].",
    ),
    row(
        "link",
        Domain,
        ("", "URIBL", ""),
        "554 5.7.1 URL in the message body is blacklisted by URIBL",
    ),
    row(
        "apple's content",
        Content,
        ("Apple", "", ""),
        "host mx01.mail.icloud.com[192.0.2.9] said: 554 5.7.1 [CS01] Message rejected due to local policy. (in reply to end of DATA command)",
    ),
    row(
        "gmail's content",
        Content,
        ("Gmail", "", OURS),
        "host gmail-smtp-in.l.google.com[192.0.2.9] said: 550-5.7.1 [203.0.113.7] Our system has detected that this message is 550 5.7.1 likely unsolicited mail.",
    ),
    row(
        "virus with our address",
        Content,
        NONE_OURS,
        "554 5.7.1 Message from 203.0.113.7 contains a virus",
    ),
    row(
        "recipient's blacklist",
        Policy,
        NONE,
        "550 5.7.1 You have been blacklisted by the recipient",
    ),
    row(
        "country",
        Policy,
        NONE,
        "host mx.a.example[192.0.2.9] refused to talk to me: 550 Mail from your country is not accepted",
    ),
    row(
        "not on a whitelist",
        Policy,
        NONE_OURS,
        "550 Your IP 203.0.113.7 is not whitelisted here",
    ),
    row(
        "open resolver",
        Receiver,
        ("", "Spamhaus ZEN", OURS),
        "554 5.7.1 Service unavailable; Client host [203.0.113.7] blocked using zen.spamhaus.org; Error: open resolver; https://check.spamhaus.org/returnc/pub/192.0.2.53/",
    ),
    row(
        "asker's error code",
        Receiver,
        ("", "Spamhaus ZEN", OURS),
        "550 203.0.113.7 is listed at zen.spamhaus.org (127.255.255.254)",
    ),
    row(
        "shutting down",
        Receiver,
        NONE,
        "host mx.a.example[192.0.2.9] refused to talk to me: 421 4.3.2 Service shutting down",
    ),
    row(
        "disk",
        Receiver,
        NONE,
        "452 4.3.1 Insufficient system storage",
    ),
    row(
        "greylisting",
        Greylist,
        NONE,
        "host mx.a.example[192.0.2.9] said: 450 4.2.0 <blacklist@a.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/a.example.html",
    ),
    row(
        "greylister as a list",
        Greylist,
        NONE_OURS,
        "451 4.7.1 Client host [203.0.113.7] blocked using grey.rbl.a-filter.org; try again in 300 seconds",
    ),
    row(
        "yahoo greylists too",
        Greylist,
        ("Yahoo/AOL", "", OURS),
        "host mta6.am0.yahoodns.net[192.0.2.9] said: 421 4.7.0 [GL01] Message from (203.0.113.7) temporarily deferred",
    ),
    row(
        "connections",
        Rate,
        NONE,
        "host mx.a.example[192.0.2.9] refused to talk to me: 421 4.3.2 too many connections from your IP, please try again later",
    ),
    row(
        "connection slots",
        Rate,
        ("STRATO", "", ""),
        "host smtpin.rzone.de[192.0.2.9] refused to talk to me: 421 smtpin.rzone.de out of connection slots, try again later",
    ),
    row(
        "screening ports",
        Rate,
        NONE,
        "host mx.a.example[192.0.2.9] refused to talk to me: 421 4.3.2 All screening ports are busy",
    ),
    row(
        "orange's connections",
        Rate,
        ("Orange", "", ""),
        "host smtp-in.orange.fr[192.0.2.9] refused to talk to me: 421 mwinf5c42 ME Trop de connexions, veuillez verifier votre configuration. Too many connections, slow down. OFR004_104 [104]",
    ),
    row(
        "microsoft busy",
        Rate,
        ("Microsoft 365", "", OURS),
        "host a-example.mail.protection.outlook.com[192.0.2.9] said: 451 4.7.500 Server busy. Please try again later from [203.0.113.7]. (S77719)",
    ),
    row(
        "gmail user receives too much",
        Rate,
        ("Gmail", "", ""),
        "host gmail-smtp-in.l.google.com[192.0.2.9] said: 450-4.2.1 The user you are trying to contact is receiving 450-4.2.1 mail at a rate that 450 4.2.1 prevents additional messages from being delivered.",
    ),
    row(
        "nobody talks",
        Other,
        NONE,
        "connect to mx.spamhaus.blacklist.example[192.0.2.9]:25: Connection refused",
    ),
    row(
        "lost connection",
        Other,
        NONE,
        "lost connection with mx.rbl.example[192.0.2.9] while receiving the initial server greeting",
    ),
    row(
        "full mailbox with blocks",
        Other,
        NONE,
        "host mx.a.example[192.0.2.9] said: 452 4.2.2 <blocklist@a.example>: Recipient address rejected: Mailbox is full / Blocks limit exceeded / Inode limit exceeded",
    ),
    row(
        "verification of a blocked user",
        Other,
        NONE,
        "450 4.1.1 <blocked@a.example>: Recipient address rejected: unverified address: Address verification in progress",
    ),
    row(
        "server that takes no mail",
        Other,
        NONE,
        "host mx.a.example[192.0.2.9] refused to talk to me: 521 5.3.2 mx.a.example does not accept mail",
    ),
    row(
        "hosts and domains do not decide",
        Other,
        NONE,
        "host mx.blacklist.spamhaus-fan.example[192.0.2.9] said: 550 5.1.1 <a@greylisted.org>: User unknown in dnsbl.fan.example",
    ),
    row(
        "access denied is an unknown user",
        Other,
        ("Microsoft 365", "", ""),
        "550 5.4.1 Recipient address rejected: Access denied [DB5EUR03FT014.eop-EUR03.prod.protection.outlook.com]",
    ),
    row(
        "relaying",
        Other,
        NONE_OURS,
        "550 5.7.1 203.0.113.7 is not currently permitted to relay through this server",
    ),
    row(
        "a synchronisation error",
        Other,
        NONE,
        "host mx.a.example[192.0.2.9] refused to talk to me: 554 SMTP synchronization error",
    ),
    row(
        "exim's form",
        Other,
        ("Gmail", "", ""),
        "defer (-44) H=gmail-smtp-in.l.google.com [192.0.2.9]: SMTP error from remote mail server after RCPT TO:<full@gmail.com>: 452-4.2.2 The recipient's inbox is out of storage space.\\n452 4.2.2 Please direct",
    ),
    // --- what decides between an address and the words around it
    row(
        "an address is listed, and the word domain is near",
        Blocklist,
        NONE_OURS,
        "541 5.4.1 Mail rejected by destination domain: 203.0.113.7 is listed in our IP block list",
    ),
    row(
        "an address is listed, by a policy of the recipient's domain",
        Blocklist,
        NONE_OURS,
        "550 5.7.1 Rejected by recipient domain policy: sending IP 203.0.113.7 is listed on our blocklist",
    ),
    row(
        "an address on the recipient's own list",
        Policy,
        NONE_OURS,
        "550 5.7.1 Rejected by recipient: 203.0.113.7 is listed on the recipient's personal blacklist",
    ),
    row(
        "a listed link to an address",
        Domain,
        NONE_OURS,
        "550 5.7.1 domain rejected: the link http://203.0.113.7/ is listed in our blocklist",
    ),
    // --- which list
    row(
        "an ordinary word within the name of a zone",
        Blocklist,
        ("", "JIPPG", OURS),
        "554 5.7.1 Service unavailable; Client host [203.0.113.7] blocked using mail-abuse.blacklist.jippg.org",
    ),
    row(
        "an ordinary word in a sentence",
        Blocklist,
        NONE_OURS,
        "550 5.7.1 Your IP 203.0.113.7 is blacklisted. Report mail-abuse to our postmaster",
    ),
    row(
        "an ordinary word in a web address",
        Blocklist,
        NONE_OURS,
        "550 5.7.1 Your IP 203.0.113.7 is blacklisted, see https://mail.a.example/mail-abuse/",
    ),
    row(
        "a service of their own by an ordinary name",
        Reputation,
        NONE_OURS,
        "550 5.7.1 rejected by our email reputation service: 203.0.113.7",
    ),
    row(
        "the zone decides before other lists",
        Blocklist,
        ("", "SpamCop", OURS),
        "550 5.7.1 203.0.113.7 is listed at bl.spamcop.net, worse than on Spamhaus XBL or SORBS",
    ),
    row(
        "a zone that decides, and no table knows it",
        Blocklist,
        ("", "spam.abuse.ch", OURS),
        "554 5.7.1 Client host [203.0.113.7] blocked using spam.abuse.ch; it feeds Spamhaus",
    ),
    row(
        "several zones",
        Blocklist,
        ("", "PSBL", ""),
        "554 5.7.1 DNS Blacklisted by ix.dnsbl.manitu.net,psbl.surriel.com",
    ),
    row(
        "a zone by the words before it",
        Blocklist,
        ("", "spamsources.fabel.dk", OURS),
        "host mx.a.example[192.0.2.9] said: 554 5.7.1 Service unavailable; Client host [203.0.113.7] blocked using spamsources.fabel.dk; Your ip is on the list (in reply to RCPT TO command)",
    ),
    row(
        "the same in capitals on two lines",
        Blocklist,
        ("", "singular.ttk.pte.hu", OURS),
        "550-5.7.1 Client host [203.0.113.7] blocked 550 5.7.1 using Singular.TTK.pte.hu.",
    ),
    row(
        "a zone of a country",
        Blocklist,
        ("", "tor.dan.me.uk", OURS),
        "554 5.7.1 Service unavailable; Client host [203.0.113.7] blocked using tor.dan.me.uk (127.0.0.100)",
    ),
    row(
        "a zone behind rejected using",
        Blocklist,
        ("", "srn.surgate.net", OURS),
        "550 5.7.1 Client 203.0.113.7 rejected using srn.surgate.net",
    ),
    row(
        "a zone behind listed by",
        Blocklist,
        ("", "korea.services.net", OURS),
        "550 5.7.1 203.0.113.7 is listed by korea.services.net",
    ),
    row(
        "a zone behind listed in the list",
        Blocklist,
        ("", "bad.psky.me", OURS),
        "550 5.7.1 Your IP address 203.0.113.7 is listed in the list 'bad.psky.me'",
    ),
    row(
        "a zone without the address asked for",
        Blocklist,
        ("", "rbl2.triumf.ca", OURS),
        "550 5.7.1 Client host [203.0.113.7] blocked using 7.113.0.203.rbl2.triumf.ca",
    ),
    row(
        "a zone of the receiver's own",
        Blocklist,
        ("", "reject.a.example", OURS),
        "host mx.a.example[192.0.2.9] said: 550 Client host [203.0.113.7] blocked using reject.a.example",
    ),
    row(
        "the receiver's own name is no zone",
        Blocklist,
        NONE_OURS,
        "host mx.a.example[192.0.2.9] said: 550 Client host [203.0.113.7] blocked using MX.a.example",
    ),
    row(
        "our own name is no zone",
        Blocklist,
        NONE_OURS,
        "550 your host out.b.example[203.0.113.7] blacklisted by out.b.example (203.0.113.7)",
    ),
    row(
        "a zone that greylists",
        Greylist,
        NONE_OURS,
        "450 4.7.1 Client host [203.0.113.7] blocked using greylist.a.example; come back in 5 minutes",
    ),
    row(
        "a zone of sender addresses",
        Other,
        NONE,
        "554 5.7.1 Service unavailable; Sender address [b@c.example] blocked using spam.strange.example",
    ),
    row(
        "a zone of links",
        Domain,
        NONE,
        "554 5.7.1 a link domain in the mail is listed at spam.strange.example",
    ),
    // --- heads
    row(
        "exim's older form",
        Blocklist,
        ("", "SpamCop", OURS),
        "SMTP error from remote mail server after RCPT TO:<u@x.example>: host mx.x.example [192.0.2.5]: 550 5.7.1 [203.0.113.7] listed at bl.spamcop.net",
    ),
    row(
        "exim's older form, and no address of ours",
        Blocklist,
        ("", "SpamCop", ""),
        "SMTP error from remote mail server after MAIL FROM:<u@x.example> SIZE=1: host mx.x.example [192.0.2.5]: 550 5.7.1 listed at bl.spamcop.net",
    ),
    row(
        "exim's bounce",
        Blocklist,
        ("", "SpamCop", OURS),
        "host mx.x.example [192.0.2.5]: SMTP error from remote mail server after RCPT TO:<u@x.example>: 550 5.7.1 [203.0.113.7] listed at bl.spamcop.net",
    ),
    // --- which address is ours
    row(
        "an IPv4 address within IPv6",
        Blocklist,
        NONE_OURS,
        "550 5.7.1 Your IP ::ffff:203.0.113.7 is blacklisted",
    ),
    row(
        "a public address before a private one",
        Blocklist,
        NONE_OURS,
        "550 5.7.1 Received from (mail.b.example [10.0.0.5]) by (gw.b.example [203.0.113.7]) blacklisted",
    ),
    row(
        "a private address alone",
        Blocklist,
        ("", "", "10.0.0.5"),
        "550 5.7.1 Your IP 10.0.0.5 is blacklisted",
    ),
    row(
        "a network is no address of ours",
        Blocklist,
        NONE,
        "550 5.7.1 Your net 203.0.113.0/24 is blacklisted",
    ),
    row(
        "Gmail's netblock",
        Reputation,
        ("Gmail", "", ""),
        "421-4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP Netblock [203.0.113.0      35]",
    ),
    row(
        "the address that a list was asked for",
        Blocklist,
        ("", "Spamhaus ZEN", OURS),
        "550 5.7.1 rejected: 7.113.0.203.zen.spamhaus.org",
    ),
    row(
        "the address that an unknown list was asked for",
        Blocklist,
        ("", "rbl.strange.example", OURS),
        "550 5.7.1 rejected: found in 7.113.0.203.rbl.strange.example",
    ),
    row(
        "the address that a list was asked for by the words before it",
        Blocklist,
        ("", "tor.dan.me.uk", OURS),
        "550 5.7.1 blocked using 7.113.0.203.tor.dan.me.uk",
    ),
    // --- our own commands and sockets, and what may be a tunnel
    row(
        "what our command wrote",
        Other,
        NONE_OURS,
        "(Command output: 550 5.7.1 203.0.113.7 is listed in our blocklist)",
    ),
    row(
        "our command died",
        Other,
        NONE_OURS,
        "Command died with status 77: \"/usr/bin/procmail -t\". Command output: 550 your IP 203.0.113.7 is blacklisted",
    ),
    row(
        "our command is not available",
        Other,
        NONE,
        "service unavailable. Command output: your IP is blacklisted",
    ),
    row(
        "exim's socket",
        Other,
        NONE,
        "H=localhost [/run/dovecot/lmtp]: LMTP error from remote mail server after RCPT TO:<u@x.example>: 550 5.7.1 your IP is blacklisted",
    ),
    row(
        "exim's socket as its log is read",
        Other,
        NONE,
        "LMTP error from remote mail server after RCPT TO:<u@x.example>: 550 5.7.1 your IP is blacklisted",
    ),
    row(
        "exim's lmtp transport",
        Other,
        NONE,
        "LMTP error after end of data: 550 5.7.1 spam, your server is blocked",
    ),
    row(
        "a tunnel by its address",
        Blocklist,
        NONE_OURS,
        "host 127.0.0.1[127.0.0.1] said: 554 5.7.1 your IP 203.0.113.7 is blacklisted (in reply to end of DATA command)",
    ),
    row(
        "a tunnel on a port",
        Blocklist,
        NONE,
        "host 127.0.0.1[127.0.0.1]:10024 said: 554 5.7.1 your IP is blacklisted (in reply to end of DATA command)",
    ),
    row(
        "a tunnel by a name",
        Blocklist,
        NONE,
        "host relay.b.example[127.0.0.1] said: 554 5.7.1 your IP is blacklisted (in reply to end of DATA command)",
    ),
    row(
        "a tunnel by IPv6",
        Blocklist,
        NONE,
        "host localhost[::1] refused to talk to me: 554 5.7.1 your server is blocked",
    ),
    row(
        "a tunnel by another address",
        Blocklist,
        ("", "Spamhaus ZEN", ""),
        "host 127.0.0.2[127.0.0.2] said: 554 5.7.1 Client host rejected, blocked using zen.spamhaus.org",
    ),
    row(
        "a tunnel in exim's log",
        Blocklist,
        NONE,
        "H=localhost.localdomain [127.0.0.1]: SMTP error from remote mail server after end of data: 550 your IP is blacklisted",
    ),
    row(
        "a tunnel before exim's reply",
        Blocklist,
        NONE,
        "SMTP error from remote mail server after end of data: host localhost [127.0.0.1]: 550 your IP is blacklisted",
    ),
    row(
        "a tunnel by the name of the remote server",
        Blocklist,
        NONE_OURS,
        "host mx.a.example[127.0.3.1] said: 554 5.7.1 your IP 203.0.113.7 is blacklisted",
    ),
    // --- lists that have names of their own
    row(
        "UCEPROTECT's first level by its zone",
        Blocklist,
        ("", "UCEPROTECT-1", OURS),
        "554 5.7.1 Client host [203.0.113.7] blocked using dnsbl-1.uceprotect.net",
    ),
    row(
        "UCEPROTECT's second level by its words",
        Blocklist,
        ("", "UCEPROTECT-2", ""),
        "550 5.7.1 Net 203.0.113.0/24 is UCEPROTECT-Level2 listed because 9 abusers are hosted there",
    ),
    row(
        "UCEPROTECT's third level with a blank",
        Blocklist,
        ("", "UCEPROTECT-3", ""),
        "550 Your ISP B-NET/AS64500 is UCEPROTECT-Level 3 listed. See: http://www.uceprotect.net/rblcheck.php",
    ),
    row(
        "UCEPROTECT's zone before its words",
        Blocklist,
        ("", "UCEPROTECT-2", OURS),
        "550 203.0.113.7 is listed at dnsbl-2.uceprotect.net, for it was at UCEPROTECT-Level1",
    ),
    row(
        "UCEPROTECT without a level",
        Blocklist,
        ("", "UCEPROTECT", OURS),
        "554 5.7.1 203.0.113.7 blocked, see http://www.uceprotect.net/rblcheck.php",
    ),
    row(
        "Backscatterer",
        Blocklist,
        ("", "Backscatterer", OURS),
        "550 5.7.1 Client host [203.0.113.7] blocked using ips.backscatterer.org; Sorry 203.0.113.7 is blacklisted at http://www.backscatterer.org/?ip=203.0.113.7",
    ),
    row(
        "SpamRATS' list of hosts without a name",
        Rdns,
        ("", "SpamRATS", OURS),
        "554 5.7.1 Client host [203.0.113.7] blocked using noptr.spamrats.com",
    ),
    row(
        "the same by its other name",
        Rdns,
        ("", "SpamRATS", OURS),
        "571 5.7.1 REJECT due to RATS-NoPtr: see http://www.spamrats.com/bl?203.0.113.7",
    ),
    row(
        "a missing name with another list's page",
        Rdns,
        NONE_OURS,
        "550 5.7.1 203.0.113.7 has no PTR record, see https://www.spamrats.com/",
    ),
    // --- what decides between an address and the words around it, once more
    row(
        "an address is blacklisted, and the word domain is near",
        Blocklist,
        NONE_OURS,
        "550 5.7.1 Rejected by recipient domain: 203.0.113.7 is blacklisted",
    ),
    row(
        "an address is listed by a known zone, and the word domain is near",
        Blocklist,
        ("", "SpamCop", OURS),
        "550 5.7.1 Rejected by recipient domain: 203.0.113.7 is listed at bl.spamcop.net",
    ),
    row(
        "an address is listed by a zone, and the word domain is near",
        Blocklist,
        ("", "spam.abuse.ch", OURS),
        "550 5.7.1 Rejected by recipient domain: 203.0.113.7 is listed at spam.abuse.ch",
    ),
    row(
        "a page where rules are listed is no zone",
        Other,
        NONE,
        "550 5.7.1 message does not comply with the guidelines listed at postmaster.b.example",
    ),
    row(
        "a filter by its name is no zone",
        Other,
        NONE,
        "550 5.7.1 Your message was rejected using smtp.filter.example",
    ),
];

const NONE_OURS: (&str, &str, &str) = ("", "", OURS);

#[test]
fn every_row_is_judged_as_written() {
    let classifier = Classifier::new(RuleSet::builtin().unwrap());
    let mut memo = Memo::new(&classifier);
    let mut wrong = Vec::new();
    for row in ROWS {
        let verdict = memo.classify(row.reason);
        let ours = verdict
            .ours
            .as_ref()
            .map(IpAddr::to_string)
            .unwrap_or_default();
        let provider = verdict.provider.as_deref().unwrap_or_default();
        let list = verdict.list.as_deref().unwrap_or_default();
        if (verdict.class, provider, list, ours.as_str())
            != (row.class, row.provider, row.list, row.ours)
        {
            wrong.push(format!(
                "{}: {} {provider:?} {list:?} {ours:?} by {:?}",
                row.name, verdict.class, verdict.rule
            ));
        }
        assert_eq!(
            verdict,
            classifier.classify(row.reason),
            "{}: the memo says something else",
            row.name
        );
        assert!(!verdict.limit_hit, "{}", row.name);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_place_to_ask_is_never_taken_from_the_reply() {
    let classifier = Classifier::new(RuleSet::builtin().unwrap());
    let rows = [
        (
            "550 Your IP 203.0.113.7 is blacklisted, pay at https://evil.example/unblock",
            None,
        ),
        (
            "554 Client host [203.0.113.7] blocked using zen.spamhaus.org; https://evil.example/",
            Some("https://check.spamhaus.org/"),
        ),
        (
            "550 RATS-NoPtr listed: 203.0.113.7, https://evil.example/",
            Some("https://www.spamrats.com/lookup.php"),
        ),
        (
            "550 203.0.113.7 blacklisted at http://www.backscatterer.org/",
            Some("http://www.backscatterer.org/"),
        ),
        (
            "550 203.0.113.7 blocked using bad.psky.me; https://evil.example/",
            None,
        ),
        (
            "host a.mail.protection.outlook.com[192.0.2.9] said: 550 5.7.1 Your IP is banned, ask evil@b.example",
            Some("https://sender.office.com/"),
        ),
        ("550 5.1.1 User unknown, see https://evil.example/", None),
    ];
    for (reason, ask) in rows {
        assert_eq!(classifier.classify(reason).ask.as_deref(), ask, "{reason}");
    }
}

#[test]
fn an_explanation_shows_every_matching_rule_in_order() {
    let classifier = Classifier::new(RuleSet::builtin().unwrap());
    let told = classifier.explain("host mx.a.example[192.0.2.9] refused to talk to me: 554 Your IP [203.0.113.7] is on our blacklist");
    assert_eq!(
        told.text,
        "refused to talk to me: 554 your ip [203.0.113.7] is on our blacklist"
    );
    assert_eq!(told.verdict.rule.as_deref(), Some("on-a-blocklist"));
    assert_eq!(told.verdict.remote_host.as_deref(), Some("mx.a.example"));
    assert_eq!(told.matching.first(), told.verdict.rule.as_ref());
    assert_eq!(
        told.matching.last().map(String::as_str),
        Some("refused-to-talk-to-me")
    );
}
