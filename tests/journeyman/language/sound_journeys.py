"""A dozen journeys without a fault, which together use all that the language has."""

from typing import Any

from journeyman.kit.yaml_format import load_yaml

_DOCUMENTS = """
journey: cart-abandonment
name: Cart abandonment
description: A basket that was filled and not paid for
topic: marketing
time_zone: Europe/Riga
entry: {on: event, event: Product Added, correlate: cart_id, while_live: restart}
exit:
  - {on: event, event: Order Completed, where: {property: cart_id, equals: {entry: cart_id}}, outcome: bought}
goals:
  - {key: order, on: event, event: Order Completed, value: {property: revenue}, within: 7d, anchor: entry}
steps:
  - {id: cool-off, name: Let them finish, wait: {for: 30m}}
  - {id: remind, send: {channel: email, template: cart-reminder}}
  - {id: gone, end: not-bought}
---
journey: changes
entry: {on: attribute_change, attribute: plan.tier, changes_from: silver, changes_to: gold}
exit:
  - {on: attribute_change, computed: orders, changes: true, outcome: bought}
  - {on: segment, segment: staff, direction: enters}
  - {on: message, message: hello, status: clicked}
  - {on: date, attribute: trial_ends, offset: -3d, time: "10:00", outcome: late}
  - {on: condition, when: {segment: staff}}
goals:
  - {key: vip, on: segment, segment: vip, within: 7d, value: 10}
  - {key: click, on: message, message: any, status: clicked, within: 7d}
  - {key: rich, on: condition, when: {computed: revenue, gte: 100}, within: 30d}
  - {key: plan, on: attribute_change, attribute: plan.tier, changes_to: platinum, within: 7d}
steps:
  - {id: hello, send: {channel: email, template: hello}}
  - {id: in, wait_for: {branches: [{segment: vip, direction: leaves, next: end}, {segment: vip}], timeout: 7d}}
---
journey: fifth
entry: {on: event, event: Product Viewed, count: 5, within: 7d, correlate: product_id}
steps:
  - {id: pause, wait: {for: 1h}}
---
journey: follower
entry: {on: journey, journey: fifth, step: pause, direction: left}
steps:
  - {id: pause, wait: {for: 1h}}
---
journey: ender
entry: {on: journey, journey: fifth, outcome: bought}
steps:
  - {id: pause, wait: {for: 1h}}
---
journey: called
entry:
  on: api
  audience: {all: [{consent: email}, {not: {attribute: country, in: [DE, AT]}}]}
  reentry: {after: 7d, since: entry}
steps:
  - {id: pause, wait: {for: 1 calendar day}, next: greet}
  - {id: greet, send: {channel: email, template: hello, topic: news}}
---
journey: often
entry:
  on: event
  event: Product Viewed
  where: {any: [{property: price, gte: 10}, {not: {property: category, starts_with: sale}}]}
  reentry: {max: 3, per: 30d}
goals:
  - {key: order, on: event, event: Order Completed, value: 10, within: 14d, anchor: click}
  - {key: visit, on: event, event: Page Viewed, within: 1d, where: {all: [{property: path, ends_with: /cart}]}}
steps:
  - {id: look, wait_for: {event: Product Viewed, where: {property: id, equals: {entry: id}}, timeout: 1d}}
---
journey: ways
entry: {on: api}
steps:
  - id: which
    branch:
      - {when: {attribute: country, equals: PL}, next: polish}
      - {when: {any: [{attribute: age, gte: 18}, {attribute: vip, exists: true}]}, next: adult}
      - {when: {event: Order Completed, count: {gte: 2}, within: 30d}, next: end}
    else: rest
  - {id: polish, send: {channel: email, template: polish}, next: end}
  - {id: adult, send: {channel: email, template: adult}, next: end}
  - {id: rest, end: no-way}
---
journey: mondays
entry: {on: schedule, cron: 0 9 * * 1, time_zone: Europe/Riga, segment: vip, rate: 600 per 1m, batch: 100, catch_up: 2h}
steps:
  - {id: greet, send: {channel: email, template: hello}}
---
journey: seasons
entry: {on: schedule, calendar: {time: ["09:00", "18:00"], weekday: [monday], month: [3, 6]}, local: true}
steps:
  - {id: greet, send: {channel: email, template: hello}}
---
journey: months
entry: {on: schedule, rrule: FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO, start: 2026-03-01, time: "09:00"}
steps:
  - {id: greet, send: {channel: email, template: hello}}
---
journey: cheaper
entry: {on: price_drop, by: 10 %, interest: [viewed, carted], at_least: 2, within: 14d}
steps:
  - {id: greet, send: {channel: email, template: hello, on: {out_of_stock: end}}}
---
journey: back
entry: {on: back_in_stock, rate: 50 per 1h, reentry: always}
steps:
  - {id: greet, send: {channel: email, template: hello}}
---
journey: arms
entry: {on: event, event: Signed Up}
goals:
  - {key: order, on: event, event: Order Completed, value: {property: revenue}, within: 30d}
steps:
  - id: offer
    split:
      salt: spring
      sticky: false
      holdout: 10
      arms:
        - {key: mail, weight: 50, next: mail}
        - {key: quiet, weight: 49.5}
      winner: {metric: order, after: 30d, minimum: 500, probability: 0.9, deadline: 60d, then: best, explore: 0.1}
  - id: tone
    split:
      arms: [{key: warm}, {key: cool, next: mail}, {key: none, holdout: true, next: end}]
      bandit: {metric: Page Viewed, after: 3d, explore: 0.2}
  - {id: mail, send: {channel: email, template: mail}}
---
journey: outcomes
entry: {on: event, event: Signed Up, reentry: never}
steps:
  - id: first
    send:
      channel: email
      template: welcome
      delivery: at_most_once
      on: {unreachable: apart, no_consent: end}
      on_error: apart
  - {id: stay, wait: {for: PT30M}, next: end}
  - {id: apart, update: {attributes: {stage: lost, at: {entry: at}}, consent: {email: no}}}
---
journey: mail-fate
entry: {on: event, event: Signed Up}
steps:
  - {id: letter, send: {channel: email, template: letter}}
  - id: fate
    wait_for:
      branches:
        - {message: letter, status: clicked, next: warm}
        - {when: {message: letter, status: bounced}, next: cold}
        - {event: Order Completed, where: {property: total, gt: 5}}
        - {attribute: plan, changes_to: pro, next: warm}
        - {attribute: address.city, changes: true}
      timeout: 5d
      on_timeout: cold
      mode: ranked
      since: entry
  - {id: warm, end: warm}
  - {id: cold, end: cold}
---
journey: dates
entry: {on: api}
steps:
  - {id: morning, wait: {until: "09:00"}}
  - {id: instant, wait: {until: {instant: "2026-12-01T09:00:00Z", spread: 2h}}}
  - {id: weekday, wait: {until: {time: "10:30", weekday: [monday, friday]}}}
  - {id: days, wait: {until: {time: "10:30", in_days: 3}}}
  - id: trial
    wait: {until: {attribute: trial.ends, offset: -3d, time: "08:00"}, past: next_occurrence, missing: exit}
  - {id: entry-date, wait: {until: {entry: starts_at}, past: over, missing: over}}
  - {id: best, wait: {best_time: {within: 1d, else: "09:00"}}}
  - {id: best-of-all, wait: {best_time: {within: 2d, else: workspace}}}
  - {id: drawn-out, wait: {until: {time: "10:30", spread: 30m}}}
  - {id: day-before, wait: {until: {entry: starts_at, offset: -1 calendar day, spread: 30m}}}
  - {id: over, end: over}
---
journey: round
entry: {on: api, reentry: always, while_live: ignore}
steps:
  - {id: ask, send: {channel: email, template: ask}}
  - {id: answer, wait_for: {when: {consent: news, is: yes}, timeout: 2d, since: 3d}, next: again}
  - {id: again, branch: [{when: {context: rounds, lt: 3}, next: ask}], next: end}
---
journey: deep
entry:
  on: event
  event: Product Added
  audience:
    all:
      - any:
          - {not: {all: [{attribute: city, contains: Riga}, {attribute: born, before: "2008-01-01T00:00:00Z"}]}}
          - {event: Order Completed, where: {not: {property: coupon, exists: true}}, sum: {property: total, gte: 100}}
      - {attribute: seen, after: {ago: 30d}}
      - {attribute: due, within_next: 7d}
      - {message: any, status: opened, of: any journey, within: 30d, channel: email}
steps:
  - {id: stay, wait: {for: 1d}}
---
journey: parallel
entry: {on: event, event: Trip Booked, correlate: trip.id, while_live: parallel}
exit:
  - {on: event, event: Trip Cancelled, where: {property: trip, equals: {entry: trip}}}
  - {on: event, event: Account Closed}
steps:
  - {id: before, wait: {until: {entry: departure, offset: -1d}}}
  - {id: prepare, send: {channel: email, template: prepare, topic: transactional}}
---
journey: numbers
entry:
  on: api
  audience:
    any:
      - {event: Order Completed, count: 0}
      - {event: Order Completed, average: {property: total, gt: 20, lte: 90.5}, max: {property: total, lt: 500}}
      - {entry: score, gte: {attribute: limits.score}}
      - {attribute: plan, not_in: [free, trial]}
steps:
  - {id: note, update: {attributes: {tried: true, note: null, deep: {a: [1, 2]}}}}
  - {id: stay, wait: {for: 2w}}
---
journey: birthdays
entry:
  on: date
  attribute: profile.birthday
  offset: -3d
  time: "09:00"
  repeat: yearly
  leap_day: 1 march
  spread: 2h
steps: [{id: greet, send: {channel: email, template: birthday}}]
---
journey: trips
entry:
  on: date
  event: Trip Booked
  where: {property: kind, equals: flight}
  property: departs_at
  offset: -1 calendar day
  correlate: booking_id
steps: [{id: pack, send: {channel: email, template: pack}}]
---
journey: first-order
entry: {on: date, computed: first_order_at, repeat: yearly, audience: {consent: email}}
steps: [{id: thanks, send: {channel: email, template: thanks}}]
---
journey: coffee
entry: {on: date, replenishment: {category: Coffee/Beans, lead: 3d}, time: "10:00"}
steps: [{id: again, send: {channel: email, template: coffee}}]
---
journey: filter
entry: {on: date, replenishment: {product: filter-1}}
steps: [{id: again, send: {channel: email, template: filter}}]
---
journey: gentle
priority: 70
quiet_hours: {from: "21:00", until: "08:00", days: [friday], then: later, piled_up: one per journey, spread: 1h}
caps:
  - {max: 3, per: 1 calendar day}
  - {max: 20, per: 7d, of: any journey, points: {email: 1, sms: 3}}
holdout: {share: 5, salt: spring}
entry: {on: event, event: Signed Up}
steps:
  - {id: hello, send: {channel: email, template: hello, cap: {delay: 2d}, holdout: {share: 50}, on: {capped: later}}}
  - id: news
    send: {channel: email, template: news, cap: later, quiet_hours: {from: "00:00", until: "24:00", days: [sunday]}}
  - {id: bill, send: {channel: email, template: bill, topic: transactional, guarded: true, cap: skip}}
  - {id: later, end: later}
---
journey: wherever
entry: {on: event, event: Signed Up}
steps:
  - {id: offer, send: {best_channel: [push, whatsapp, sms], template: cart-10-off, coupon: ten-off, at: best_time}}
  - id: tell
    send: {channel: email, fallback: [sms], template: {email: letter, sms: call}, at: {within: 12h, else: "09:00"}}
---
journey: one-step
entry: {on: event, event: Signed Up}
steps: [{id: done, end: noted}]
"""

JOURNEYS: list[dict[str, Any]] = [load_yaml(text) for text in _DOCUMENTS.split("\n---\n")]
