#!/usr/bin/env python3
"""Plays mail through the real servers and writes down what a check must find, from what was played and never from a log.

    play.py greylisted EXPECTED.json      mail of strangers (XCLIENT) through Postfix and Postgrey
    play.py refused EXPECTED.json         our mail to servers that refuse it
    play.py passes NAME ADDRESS           one more mail; exit 0 where it passes at the first try
    play.py set-aside EXPECTED.json       what is expected once sendgrid.net is whitelisted
"""

import json
import smtplib
import statistics
import subprocess
import sys
import time

DELAY = 2  # Postgrey's --delay, in seconds
WITHIN = 120  # how long to wait for Postfix, in seconds

# sender's domain: mails, networks each is tried from, and whether one of these comes back after the delay
SENDERS = {
    "sendgrid.net": (6, 3, True),
    "asianet.co.th": (4, 1, False),
}
NAMELESS = ["198.51.100.7", "198.51.100.200"]
WHITELISTED = ("mail-am6eur05on2041.outbound.protection.outlook.com", "40.107.22.41")


def try_once(name, address, sender, recipient):
    """One delivery by a client of this name and address; the reply code to the recipient, and when it came."""
    with smtplib.SMTP("127.0.0.1", 25, local_hostname="client.example") as smtp:
        smtp.ehlo()
        smtp.docmd("XCLIENT", f"NAME={name} ADDR={address}")
        smtp.ehlo()
        smtp.mail(sender)
        code, _ = smtp.rcpt(recipient)
        if code == 250:
            smtp.data(b"Subject: test\r\n\r\ntext\r\n")
        return code, time.time()


def client(domain, number, network):
    """The `network`-th host that tries mail `number` of a domain: networks are /24s, each its own."""
    octet = sorted(SENDERS).index(domain) * 100 + number * 10 + network
    return f"o{number}{network}.{domain}", f"198.18.{octet}.25"


def greylisted():
    """Every mail is tried by all its hosts; then, after the delay, by the first one again."""
    delays, first = [], {}
    for domain, (mails, networks, _) in SENDERS.items():
        for mail in range(mails):
            for network in range(networks):
                code, at = try_once(*client(domain, mail, network), f"m{mail}@{domain}", "info@lab.example")
                assert code == 450, f"{domain}: {code} instead of 450"
                first.setdefault((domain, mail), at)
    for address in NAMELESS:
        code, _ = try_once("[UNAVAILABLE]", address, "x@nobody.example", "info@lab.example")
        assert code == 450, f"{address}: {code} instead of 450"
    code, _ = try_once(*WHITELISTED, "a@outlook.com", "info@lab.example")
    assert code == 250, f"Postgrey's own whitelist has outlook.com, and it got {code}"
    time.sleep(DELAY + 1)
    for domain, (mails, _, comes_back) in SENDERS.items():
        for mail in range(mails if comes_back else 0):
            code, at = try_once(*client(domain, mail, 0), f"m{mail}@{domain}", "info@lab.example")
            assert code == 250, f"{domain}: {code} instead of 250"
            delays.append(at - first[domain, mail])
    return expected_of_greylisting(delays)


def expected_of_greylisting(delays):
    mails, networks, _ = SENDERS["sendgrid.net"]
    seconds = {"unit": "s", "min": 0}
    count = lambda value: {"value": value, "min": 0}
    return {
        "state": 1,
        "text": r"CHECK_POSTGREY_WHITELIST WARNING - 1 sender to whitelist or ignore: "
        rf"sendgrid\.net \({mails * networks}, worst \d+s\)",
        "perfdata": {
            "senders": count(1) | {"warn": "0"},
            "tries": count(sum(mails * networks for mails, networks, _ in SENDERS.values())),
            "mails": count(sum(mails for mails, _, _ in SENDERS.values())),
            "pool_mails": count(sum(mails for mails, networks, _ in SENDERS.values() if networks > 1)),
            "passed": count(len(delays)),
            "lost": count(0),
            "pending": count(sum(mails for mails, _, comes_back in SENDERS.values() if not comes_back)),
            "unknown_clients": count(len(NAMELESS)),
            "set_aside": count(0),
            "delay_median": seconds | {"about": statistics.median(delays)},
            "delay_worst": seconds | {"about": max(delays)},
        },
    }


def expected_without(domain):
    """The rest of the greylisted mail: none of it ever passed."""
    rest = {name: row for name, row in SENDERS.items() if name != domain}
    expected = expected_of_greylisting([0])
    mails, networks, _ = SENDERS[domain]
    tries = sum(mails * networks for mails, networks, _ in rest.values())
    counts = {"senders": 0, "tries": tries, "mails": tries, "pool_mails": 0, "passed": 0, "set_aside": mails * networks}
    for label, value in counts.items():
        expected["perfdata"][label]["value"] = value
    return expected | {
        "state": 0,
        "text": rf"CHECK_POSTGREY_WHITELIST OK - the top domains are whitelisted or ignored \({tries} tries in 7d\)",
    }


# domain: messages, recipients of each, class of the refusal, and whether it bounces at once
DESTINATIONS = {
    "blocked.example": (9, 2, "blocklist", False),
    "outlook.com": (2, 1, "blocklist", True),
    "greylisting.example": (3, 1, "greylist", False),
    "full.example": (2, 1, "other", False),
    "fine.example": (1, 1, None, False),
}
HELD = "greylisting.example"  # one of its messages is put on hold


def refused():
    start = time.time()
    for domain, (messages, recipients, _, _) in DESTINATIONS.items():
        for message in range(messages):
            to = [f"user{n}@{domain}" for n in range(recipients)]
            mail = f"Subject: {message}\n\ntext\n".encode()
            subprocess.run(["/usr/sbin/sendmail", "-f", "news@lab.example", *to], input=mail, check=True)
    waiting = [row for row in DESTINATIONS.values() if row[2] and not row[3]]
    queue = settled(sum(messages for messages, *_ in waiting))
    held = next(row["queue_id"] for row in queue if row["recipients"][0]["address"].endswith("@" + HELD))
    subprocess.run(["postsuper", "-h", held], check=True, capture_output=True)
    return expected_of_refusals(start, waiting)


def settled(messages):
    """The queue, once it holds so many messages that all have been tried."""
    end = time.time() + WITHIN
    while time.time() < end:
        listing = subprocess.run(["postqueue", "-j"], check=True, capture_output=True).stdout
        queue = [json.loads(line) for line in listing.splitlines()]
        if len(queue) == messages and all("delay_reason" in to for row in queue for to in row["recipients"]):
            return queue
        time.sleep(0.5)
    sys.exit(f"after {WITHIN} s the queue is not as expected ({messages} messages with reasons): {listing.decode()}")


def expected_of_refusals(start, waiting):
    count = lambda value: {"value": value, "min": 0}
    blocked = [row for row in DESTINATIONS.values() if row[2] == "blocklist"]
    messages = sum(messages for messages, *_ in blocked)
    perfdata = {
        "refused": count(messages) | {"warn": "0", "crit": "10"},
        "refused_recipients": count(sum(messages * recipients for messages, recipients, *_ in blocked)),
        "bounced": count(sum(messages for messages, _, _, bounces in blocked if bounces)),
        "waiting": count(sum(messages for messages, *_ in waiting) - 1),
        "held": count(1),
        "oldest_refused": {"unit": "s", "min": 0, "since": start},
    }
    classes = "blocklist reputation unexplained rdns auth domain content policy receiver greylist rate other"
    for name in classes.split():
        of_class = {domain: row[0] for domain, row in DESTINATIONS.items() if row[2] == name}
        perfdata[f"class_{name}"] = count(sum(of_class.values()) - (HELD in of_class))
    return {
        "state": 2,
        "text": rf"CHECK_MAILQ_BLACKLIST CRITICAL - {messages} messages refused since \d\d:\d\d: "
        r"203\.0\.113\.25 on Spamhaus ZEN \(9\), Microsoft S3150 \(2\)",
        "perfdata": perfdata,
    }


def main():
    match sys.argv[1:]:
        case ["greylisted", path]:
            write(path, greylisted())
        case ["refused", path]:
            write(path, refused())
        case ["set-aside", path]:
            write(path, expected_without("sendgrid.net"))
        case ["passes", name, address]:
            code, _ = try_once(name, address, "new@sendgrid.net", "info@lab.example")
            sys.exit(0 if code == 250 else f"got {code}, not 250")
        case _:
            sys.exit(__doc__)


def write(path, expected):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(expected, file, indent=1)


main()
