# Writes one queue of `messages` messages as Postfix lists it: `form=text` or `form=json`. The same seed gives the same queue.
#   awk -v messages=100000 -v form=json -f generate.awk > queue.json
# About 39 MB of text and 50 MB of JSON for 100,000 messages: longer replies than most queues have. Every reply has a tail of its own
# (address, id, time, name of the server or the recipient), as replies have in real queues.

function pick(n) { seed = (seed * 16807) % 2147483647; return seed % n }

function hex(n, digits,   text) {
    text = ""
    while (digits-- > 0) text = text substr("0123456789ABCDEF", pick(16) + 1, 1)
    return text
}

function ours() { return "203.0.113." (1 + pick(4)) }

function host(name) { return name "[198.51.100." (1 + pick(200)) "]" }

# The kinds of a real incident: mostly blocks, then greylisting, full mailboxes, time-outs.
function reason(address,   kind) {
    kind = pick(12)
    if (kind < 3) return "host " host("hotmail-com.olc.protection.outlook.com") " said: 451 4.7.650 The mail server [" ours() "] has been temporarily rate limited due to IP reputation. For e-mail delivery information, see https://aka.ms/postmaster (S775) [Name=Protocol Filter Agent][AGT=PFA][MxId=11BA" hex(0, 12) "] [" hex(0, 12) ".eop-eur04.prod.protection.outlook.com 2026-11-21T08:" (10 + pick(50)) ":39.245Z " hex(0, 16) "] (in reply to MAIL FROM command)"
    if (kind < 5) return "host " host("mx00.t-online.de") " refused to talk to me: 554 IP=" ours() " - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.) (BL)"
    if (kind < 6) return "host " host("mta" (5 + pick(3)) ".am0.yahoodns.net") " refused to talk to me: 421 4.7.0 [TSS04] Messages from " ours() " temporarily deferred due to user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes"
    if (kind < 7) return "host " host("gmail-smtp-in.l.google.com") " said: 421-4.7.28 [" ours() "      15] Our system has detected an unusual rate of 421-4.7.28 unsolicited mail originating from your IP address. To protect our 421-4.7.28 users from spam, mail sent from your IP address has been temporarily 421-4.7.28 rate limited. 421 4.7.28 " tolower(hex(0, 16)) "." pick(900) " - gsmtp (in reply to end of DATA command)"
    if (kind < 8) return "host " host("mx." pick(4000) ".example") " said: 450 4.7.1 Service unavailable; Client host [" ours() "] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/" ours() " (in reply to RCPT TO command)"
    if (kind < 10) return "host " host("mx." pick(4000) ".example") " said: 450 4.2.0 <" address ">: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/" pick(9000) ".example.html (in reply to RCPT TO command)"
    if (kind < 11) return "host " host("mx.full.example") " said: 452 4.2.2 <" address ">: Recipient address rejected: Mailbox is full / Blocks limit exceeded / Inode limit exceeded (in reply to RCPT TO command)"
    return "connect to mx." pick(4000) ".example[198.51.100." pick(250) "]:25: Connection timed out"
}

BEGIN {
    seed = 42
    start = 1795219200 # 2026-11-21 00:00:00 UTC
    if (form == "text") print "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------"
    for (n = 0; n < messages; n++) {
        id = sprintf("%05X%s", n % 1048576, hex(0, 6))
        size = 800 + pick(90000)
        second = pick(28800)
        sender = "news" pick(50) "@lab.example"
        address = "user" pick(100000) "@example" pick(3000) ".org"
        why = reason(address)
        if (form == "text") {
            clock = sprintf("%02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60)
            printf "%-11s %7ld %20.20s %s\n(%s)\n%41s%s\n\n", id, size, "Sat Nov 21 " clock, sender, why, "", address
        } else {
            printf "{\"queue_name\": \"deferred\", \"queue_id\": \"%s\", \"arrival_time\": %d, \"message_size\": %d, \"forced_expire\": false, \"sender\": \"%s\", \"recipients\": [{\"address\": \"%s\", \"delay_reason\": \"%s\"}]}\n", id, start + second, size, sender, address, why
        }
    }
    if (form == "text") printf "-- %d Kbytes in %d Requests.\n", messages * 44, messages
}
