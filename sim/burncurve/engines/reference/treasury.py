"""Who pays for a call, and whether it may be made: budgets, plans and monthly limits (mechanics M17, M21, M22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, NamedTuple

from burncurve.deployment import AtBudget, Beyond, Deployment, Leg, Scope
from burncurve.engines.reference.money import Cost, Pot, cost_of, tariff_at
from burncurve.engines.reference.seats import Seats
from burncurve.ledger import BudgetOutcome, PlanOutcome

if TYPE_CHECKING:
    from burncurve.engines.reference.call import Call
    from burncurve.engines.reference.session import Session

NONE = -1
NOW, NEVER = -1, 1 << 62  # when a call may be made


@dataclass(slots=True)
class BudgetTally:
    """What came of one budget so far, in the order of the ledger's BudgetOutcome."""

    reached_us: int = NONE
    over: int = 0
    stopped: int = 0
    paused: int = 0
    cheaper: int = 0
    warned: int = 0


@dataclass(slots=True)
class PlanTally:
    """What came of one plan so far, in the order of the ledger's PlanOutcome."""

    covered: int = 0
    paid: int = 0
    stopped: int = 0
    paused: int = 0


class Verdict(NamedTuple):
    """When a call may be made, and whose word that is; `plan` is the one that covers it."""

    at_us: int
    by: BudgetTally | PlanTally | None = None
    plan: int = NONE


class Taken(NamedTuple):
    """What a granted call will be booked for when it ends."""

    end_us: int
    cost: Cost
    plan: int
    uses: tuple[int, ...]


class Purse:
    """What the tree of a root task spends from: a pot for each budget, and a seat of each plan."""

    __slots__ = ("charged", "pots", "seat")

    def __init__(self, pots: Sequence[Pot], seat: int, charged: set[int]) -> None:
        self.pots, self.seat = pots, seat
        self.charged = charged  # plans that have counted this request already


class Treasury:
    """The pots and seats of one replication."""

    def __init__(self, deployment: Deployment, horizon_us: int) -> None:
        self.deployment, self.horizon_us = deployment, horizon_us
        self.budgets = [BudgetTally() for _ in deployment.budgets]
        self.plans = [PlanTally() for _ in deployment.plans]
        self.seats = [Seats(plan) for plan in deployment.plans]
        self.at_work: dict[Call, Taken] = {}
        self.waiting: dict[Call, None] = {}
        self._any_cheaper = any(budget.reached == AtBudget.CHEAPER for budget in deployment.budgets)
        self._of_run = [self._pot(number) for number in range(len(self.budgets))]
        self._of_accounts = [
            Pot(each.spend_per_month, each.months_us, deployment.currencies) if each.spend_per_month else None
            for each in deployment.accounts
        ]

    def _pot(self, number: int) -> Pot:
        budget = self.deployment.budgets[number]
        return Pot(budget.limit, budget.days_us, None if budget.in_tokens else self.deployment.currencies)

    def purse(self, session: Session, seat: int, before: Purse | None) -> Purse:
        """Return the purse of a root task's try; `seat`: the person who asks; `before`: that of the try before."""
        pots = [self._shared(number, session, before) for number in range(len(self.budgets))]
        return Purse(pots, seat, before.charged if before else set())

    def _shared(self, number: int, session: Session, before: Purse | None) -> Pot:
        scope = self.deployment.budgets[number].scope
        if scope == Scope.TASK:
            return before.pots[number] if before else self._pot(number)
        if scope == Scope.SESSION:
            if number not in session.pots:
                session.pots[number] = self._pot(number)
            return session.pots[number]
        return self._of_run[number]

    # Whether a call may be made

    def verdict(self, purse: Purse, leg: Leg, now_us: int) -> Verdict:
        """Say when a call on a leg may be made; the strictest word of plans and budgets counts."""
        plan = self._plan_of(leg, now_us) if self.seats else NONE
        if plan != NONE:
            beyond, charged = self.seats[plan].plan.beyond, plan in purse.charged
            ready_us = self.seats[plan].ready_us(purse.seat, leg.offer, now_us, charged)
            if ready_us > now_us and beyond != Beyond.PAY:
                return Verdict(NEVER if beyond == Beyond.BLOCK else ready_us, self.plans[plan])
            plan = plan if ready_us <= now_us else NONE
        latest = Verdict(NOW, plan=plan)
        for number in self._reached(purse, plan, now_us):
            at_us = self._again_us(purse, number)
            if at_us > latest.at_us:
                latest = Verdict(at_us, self.budgets[number], plan)
        return latest

    def _plan_of(self, leg: Leg, now_us: int) -> int:
        return next((number for number, seats in enumerate(self.seats) if seats.admits(leg.offer, now_us)), NONE)

    def _reached(self, purse: Purse, plan: int, now_us: int) -> list[int]:
        """Return the budgets that have been reached: those in dollars have no say where a plan covers the call."""
        return [
            number
            for number, pot in enumerate(purse.pots)
            if pot.is_reached(now_us) and (plan == NONE or self.deployment.budgets[number].in_tokens)
        ]

    def _again_us(self, purse: Purse, number: int) -> int:
        reached = self.deployment.budgets[number].reached
        if reached == AtBudget.STOP:
            return NEVER
        return purse.pots[number].next_turn_us(self.horizon_us) if reached == AtBudget.PAUSE else NOW

    def leg(self, purse: Purse, leg: Leg, now_us: int) -> Leg:
        """Return who serves instead of a leg: the cheaper offer of the first budget that names one and is reached."""
        if not self._any_cheaper:
            return leg
        for number in self._reached(purse, self.verdict(purse, leg, now_us).plan, now_us):
            budget = self.deployment.budgets[number]
            if budget.reached == AtBudget.CHEAPER and budget.cheaper is not None:
                return budget.cheaper
        return leg

    def next_month_us(self, account: int, now_us: int) -> int:
        """Return when an account may spend again: now, or when the month turns."""
        pot = self._of_accounts[account]
        if pot is None or not pot.is_reached(now_us):
            return now_us
        return pot.next_turn_us(self.horizon_us)

    # What is booked

    def grant(self, call: Call, purse: Purse, now_us: int) -> None:
        """Find out who pays for a call that is being granted; what it costs is booked when it ends."""
        call.plan = self.verdict(purse, call.leg, now_us).plan
        for number in self._reached(purse, call.plan, now_us):
            budget, tally = self.deployment.budgets[number], self.budgets[number]
            tally.warned += budget.reached == AtBudget.WARN
            tally.cheaper += call.leg == budget.cheaper
        if call.plan != NONE:
            self.plans[call.plan].covered += 1
            self.seats[call.plan].cover(purse.seat, call.leg.offer, call.plan not in purse.charged, now_us)
            purse.charged.add(call.plan)
        elif self.seats and (plan := self._plan_of(call.leg, now_us)) != NONE:
            self.plans[plan].paid += 1

    def take(self, call: Call, purse: Purse, meters: Sequence[int], times: tuple[int, int, int]) -> None:
        """Remember what a call costs that was granted and ends at the first and the last of the times."""
        rates = self.deployment.rates
        tariff = tariff_at(rates[call.leg.offer], times[0]) if rates and call.plan == NONE else None
        uses: tuple[int, ...] = ()
        if call.plan != NONE:
            uses = self.seats[call.plan].uses(call.leg.offer, meters, granted_us=times[0])
        self.at_work[call] = Taken(times[2], cost_of(meters, tariff), call.plan, uses)

    def book(self, call: Call, purse: Purse, now_us: int) -> None:
        """A granted call has ended."""
        taken = self.at_work.pop(call)
        if taken.plan != NONE:
            self.seats[taken.plan].book(purse.seat, taken.uses, now_us)
        of_account = self._of_accounts[call.leg.account]
        if of_account is not None:
            of_account.book(taken.cost, now_us)
        for pot, tally in zip(purse.pots, self.budgets, strict=True):
            over = pot.book(taken.cost, now_us)
            if over >= 0:
                tally.over = max(tally.over, over)
                tally.reached_us = now_us if tally.reached_us == NONE else tally.reached_us

    def close(self) -> None:
        """Book the calls that are still at work when the run ends, in the order in which they will end."""
        for call in sorted(self.at_work, key=lambda call: (self.at_work[call].end_us, call.task.number)):
            self.book(call, call.task.purse, self.at_work[call].end_us)

    def outcomes(self) -> tuple[tuple[BudgetOutcome, ...], tuple[PlanOutcome, ...]]:
        """Return what came of the budgets and the plans."""
        budgets = tuple(BudgetOutcome(*astuple(tally)) for tally in self.budgets)
        return budgets, tuple(PlanOutcome(*astuple(tally)) for tally in self.plans)
