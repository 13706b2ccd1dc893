# Writes one queue of `messages` messages as Postfix lists it: `form=text` or `form=json`. The same seed gives the same queue.
#   awk -v messages=100000 -v form=json -v tails=own -f benches/queue.awk > queue.json
# `tails=same`: a cause's replies are the same, letter by letter; `tails=own`: each has an address, id, time, name of its own, as
# replies have in real queues. Either way about 26 MB of text and 36 MB of JSON for 100,000 messages.

function pick(n) { seed = (seed * 16807) % 2147483647; return seed % n }

function hex(n, digits,   text) {
    text = ""
    while (digits-- > 0) text = text substr("0123456789ABCDEF", pick(16) + 1, 1)
    return text
}

# A number below n that differs from reply to reply only where replies have tails of their own.
function own(n) { return tails == "same" ? 7 : pick(n) }

function id(digits) { return tails == "same" ? substr("5B1F17B1804B142F4E7A", 1, digits) : hex(0, digits) }

function ours() { return "203.0.113." (1 + own(4)) }

function host(name) { return name "[198.51.100." (1 + own(200)) "]" }

# The kinds of a real incident: mostly blocks, then greylisting, full mailboxes, time-outs.
function reason(address,   kind) {
    kind = pick(18)
    if (kind < 2) return "host " host("hotmail-com.olc.protection.outlook.com") " said: 451 4.7.650 The mail server [" ours() "] has been temporarily rate limited due to IP reputation. (S775) [" id(12) ".eop-eur04.prod.protection.outlook.com 2026-11-21T08:" (10 + own(50)) ":39.245Z " id(16) "] (in reply to MAIL FROM command)"
    if (kind < 5) return "host " host("mx00.t-online.de") " refused to talk to me: 554 IP=" ours() " - A problem occurred. (BL)"
    if (kind < 6) return "host " host("mta" (5 + own(3)) ".am0.yahoodns.net") " refused to talk to me: 421 4.7.0 [TSS04] Messages from " ours() " temporarily deferred due to user complaints - 4.16.55.1"
    if (kind < 7) return "host " host("gmail-smtp-in.l.google.com") " said: 421-4.7.28 [" ours() "      15] an unusual rate of 421-4.7.28 unsolicited mail originating from your IP address. 421 4.7.28 " tolower(id(16)) "." own(900) " - gsmtp (in reply to end of DATA command)"
    if (kind < 8) return "host " host("mx." own(4000) ".example") " said: 450 4.7.1 Service unavailable; Client host [" ours() "] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/" ours() " (in reply to RCPT TO command)"
    if (kind < 10) return "host " host("mx." own(4000) ".example") " said: 450 4.2.0 <" address ">: Greylisted, see http://postgrey.schweikert.ch/help/" own(9000) ".example.html (in reply to RCPT TO command)"
    if (kind < 11) return "host " host("mx.full.example") " said: 452 4.2.2 <" address ">: Recipient address rejected: Mailbox is full (in reply to RCPT TO command)"
    return "connect to mx." own(4000) ".example[198.51.100." own(250) "]:25: Connection timed out"
}

BEGIN {
    seed = 42
    start = 1795219200 # 2026-11-21 00:00:00 UTC
    if (form == "text") print "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------"
    for (n = 0; n < messages; n++) {
        number = sprintf("%05X%s", n % 1048576, hex(0, 6))
        size = 800 + pick(90000)
        second = pick(28800)
        sender = "news" pick(50) "@lab.example"
        address = "user" pick(100000) "@example" pick(3000) ".org"
        why = reason(tails == "same" ? "user@example.org" : address)
        if (form == "text") {
            clock = sprintf("%02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60)
            printf "%-11s %7ld %20.20s %s\n(%s)\n%41s%s\n\n", number, size, "Sat Nov 21 " clock, sender, why, "", address
        } else {
            printf "{\"queue_name\": \"deferred\", \"queue_id\": \"%s\", \"arrival_time\": %d, \"message_size\": %d, \"forced_expire\": false, \"sender\": \"%s\", \"recipients\": [{\"address\": \"%s\", \"delay_reason\": \"%s\"}]}\n", number, start + second, size, sender, address, why
        }
    }
    if (form == "text") printf "-- %d Kbytes in %d Requests.\n", messages * 44, messages
}
