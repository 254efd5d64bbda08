/* One content, its references, and its locations in one or two backends: reserve, write, settle, release, condemn, delete, gone.
   README.md beside this file says how it is run, and what each switch takes away. Configurations, which can be joined: -DSTEPS (a package
   goes in steps), -DHOLDS (with STEPS), -DMOVE (two backends), -DPOWERCUT (reservations are lost; one backend), -DREST (nothing leaks).

   How it is made small without leaving anything out:
   - A process that crashes is one that takes no further step. A collector that crashes begins anew.
   - Whatever was sent to a backend may arrive at any later time, any number of times, or never: "sent" is never taken back
     (writer, deleted). An answered call is one that arrived once in its step. So a delayed DELETE needs no step of its own.
   - Pushers are alike, so they begin in the order of their numbers.
   - An append is one atomic step: its conditions are evaluated in its transaction (IJournal.Append, BatchDecider.Holds). */

#ifndef NP
#define NP 3      /* pushers; each is a package with one file */
#endif
#ifndef NC
#define NC 2      /* collectors */
#endif
#ifndef G
#define G 3       /* generations in each backend; with POWERCUT at most 3 */
#endif
#ifdef HOLDS
#define STEPS
#define QUEUES
#endif
#ifdef MOVE
#define QUEUES
#define NB 2      /* A = 0, B = 1 */
#else
#define NB 1
#endif
#define ROWS (NB * (G + 1))

/* The row of a location or reservation, and its physical key (PhysicalKey.Of: every generation has its own). */
#define ROW(b, g) ((b) * (G + 1) + (g))
#ifdef SAMEKEY
#define KEY(row) (((row) / (G + 1)) * (G + 1) + 1)
#else
#define KEY(row) (row)
#endif
#define BACKEND(row) ((row) / (G + 1))

#define NONE 0
#define SETTLING 1
#define LIVE 2
#define CONDEMNED 3
#define GONE 4
#define LOST 5       /* a reservation that a power cut took: no row, but perhaps bytes */
byte st[ROWS];
byte owner[ROWS];    /* whose reservation it is */
byte writer[ROWS];   /* by key: who sent a PUT; it may still arrive */
bit deleted[ROWS];   /* by key: a DELETE was sent; it may still arrive */
bit obj[ROWS];       /* by key: the bytes are there */
bit cand[ROWS];      /* queued: its last keeper went without condemning it */
byte high[NB];       /* highest generation that has a row */
byte live[NB];       /* the live row; 0: none */

#define NOFILE 0
#define FILE 1
#define COLLECTING 2 /* v1.package.collection_started; still has its reference */
#define RELEASED 3
#define COLLECTED 4  /* v1.package.garbage_collected */
byte pkg[NP + 1];
bit in[NP + 1];      /* the backend that the package's reference names */
byte tells[NP + 1];  /* the condemned row that has to tell this package when it is gone */
byte refs[NB];       /* rows of references that name this backend; always exact, they change in one step with what it counts */
byte began = 0;
bit rest = 0;

bit holdAll = 0; bit holdContent = 0; byte holdPackage = 0;
bit heldLive = 0;    /* the content was live when the hold on it, or on everything, began */
byte copied[NB];     /* what was live when the hold on everything began: a backup reads these bytes */

/* ADR 9, keepers(content, backend): references that name this backend, and holds, which name none. */
#ifdef HOLDKEEPSNOT
#define KEEPERS(b) (refs[b])
#else
#define KEEPERS(b) (refs[b] + holdContent)
#endif
#ifdef ANYBACKEND
#define KEPT(b) (KEEPERS(0) + KEEPERS(NB - 1))
#else
#define KEPT(b) KEEPERS(b)
#endif
#ifdef CONDEMNUNDERALL
#define GATE true
#else
#define GATE (!holdAll)
#endif
#ifdef DELETEUNDERALL
#define DELETEGATE true
#else
#define DELETEGATE (!holdAll)
#endif

#define BYTES(b) (obj[KEY(live[b])])
#define LIVEIN(b) (live[b] != 0)
#define ANYLIVE (LIVEIN(0) || LIVEIN(NB - 1))

/* The invariants. Each is a name that is never true: whoever gets to its assertion has broken it, and pan prints the name. */
hidden byte liveBytesAreThere, referencesAreLive, whatIsHeldStays, heldPackageStays, bytesUnderBackupStay, oneIsLive, keyIsWrittenOnce,
	condemnedNeverGoesBack, endIsTold, nothingLeaks;

/* Its options can be taken only when one is broken. */
active proctype Monitor()
{
end:
	do
	:: atomic { LIVEIN(0) && !BYTES(0) -> assert(liveBytesAreThere) }            /* no live bytes deleted */
	:: atomic { LIVEIN(NB - 1) && !BYTES(NB - 1) -> assert(liveBytesAreThere) }
	:: atomic { refs[0] && !LIVEIN(0) -> assert(referencesAreLive) }             /* no committed reference to missing bytes */
	:: atomic { refs[NB - 1] && !LIVEIN(NB - 1) -> assert(referencesAreLive) }
#ifdef HOLDS
	:: atomic { heldLive && (holdAll || holdContent) && !ANYLIVE -> assert(whatIsHeldStays) }
	:: atomic { holdPackage && pkg[holdPackage] >= COLLECTING -> assert(heldPackageStays) }
	:: atomic { holdAll && copied[0] && !obj[KEY(copied[0])] -> assert(bytesUnderBackupStay) }
	:: atomic { holdAll && copied[NB - 1] && !obj[KEY(copied[NB - 1])] -> assert(bytesUnderBackupStay) }
#endif
	od
}

/* What still flies arrives: duplicates and late requests. */
active proctype Backend()
{
	byte k;
end:
	do
	:: atomic { !rest -> k = 0; do :: k < ROWS - 1 -> k++ :: break od;
		if
		:: writer[k] && !obj[k] -> obj[k] = 1
		:: deleted[k] && obj[k] -> obj[k] = 0
		:: else
		fi; k = 0 }
	od
}

/* PhysicalKey: a key is written by its owner, once. One exception: number 1 has the plain key, so when a power cut took its reservation,
   its next owner writes that key again. */
#ifdef POWERCUT
#define REWRITTEN(row) (writer[row] && row != 1)
#else
#define REWRITTEN(row) (writer[row])
#endif
#ifdef SAMEKEY
#define REUSESKEYS /* this would hide what comes of it */
#endif
#ifdef PURGE
#define REUSESKEYS
#endif
inline write(row, who)
{
#ifndef REUSESKEYS
	if :: REWRITTEN(row) -> assert(keyIsWrittenOnce) :: else fi;
#endif
	writer[KEY(row)] = who
}

#ifdef POWERCUT
#define ALLLOST (st[1] == NONE && (G < 2 || st[2] == LOST) && (G < 3 || st[3] == NONE || st[3] == LOST))
#else
#define ALLLOST false
#endif
inline reserve(b, who)
{
	if
	:: ALLLOST -> row = 1 /* all rows were lost: number 1 again */
	:: else -> high[b]++; row = ROW(b, high[b])
	fi;
	st[row] = SETTLING; owner[row] = who
}

inline settle(b, row)
{
	if :: live[b] -> assert(oneIsLive) :: else fi; /* a partial unique index */
	st[row] = LIVE; owner[row] = 0; live[b] = row;
	heldLive = heldLive || holdAll || holdContent
}

inline condemn(row)
{
	if :: st[row] == CONDEMNED || st[row] == GONE -> assert(condemnedNeverGoesBack) :: else fi;
	st[row] = CONDEMNED; owner[row] = 0; cand[row] = 0;
	if :: live[BACKEND(row)] == row -> live[BACKEND(row)] = 0 :: else fi
}

inline refer(p, b)
{
	pkg[p] = FILE; in[p] = b; refs[b]++
}

/* Condition.MaySettle, BatchDecider.MaySettle */
#ifdef NORESERVE
#define MAYSETTLE(b, row, who) (!live[b] && st[row] == NONE)
#else
#ifdef NOOWNERCHECK
#define MAYSETTLE(b, row, who) (!live[b])
#else
#ifdef TWOLIVE
#define MAYSETTLE(b, row, who) (st[row] == SETTLING && owner[row] == who)
#else
#define MAYSETTLE(b, row, who) (!live[b] && st[row] == SETTLING && owner[row] == who)
#endif
#endif
#endif

/* ContentIngest.Ingest */
proctype Pusher(byte me)
{
	byte row = 0; bit b = 0;

	atomic { !rest && began == me - 1 -> began++;
#ifdef MOVE
		if :: b = 0 :: b = 1 fi
#endif
	};
place:  /* ContentGrain.Place, IJournal.Reserve: BatchDecider.Decide(ReserveItem). Waiting for another one's reservation is taking no step. */
	atomic { !rest -> row = 0;
#ifdef REVIVE
		if :: !live[b] && high[b] && st[ROW(b, high[b])] == CONDEMNED -> settle(b, ROW(b, high[b])); refer(me, b); goto out :: else fi;
#endif
		if
		:: live[b] -> goto claimLive
		:: !live[b] && high[b] < G ->
#ifdef NORESERVE
			row = ROW(b, high[b] + 1) /* only read */
#else
			reserve(b, me)
#endif
#ifdef TAKEROW
		:: !live[b] && high[b] && st[ROW(b, high[b])] == SETTLING -> row = ROW(b, high[b]); owner[row] = me
#endif
		:: !live[b] && high[b] == G -> goto out
		fi };

	/* IBlobStore.Promote: answered, or unclear. Unclear is resolved by looking: seen is as if answered now, absent is given up
	   (ContentGrain.Abandon does what any collector may do at any time, so it has no step of its own). */
	atomic { !rest -> write(row, me);
		if
		:: obj[KEY(row)] = 1
#ifdef TRUSTUNCLEAR
		:: skip
#else
#ifdef HANDLERDELETES
		:: deleted[KEY(row)] = 1; obj[KEY(row)] = 1
#else
		:: goto place
#endif
#endif
		fi };

	/* The reference's own append: PlacementClaim.Of(Placement.Reserved). Location and reference in one. */
	atomic { !rest ->
		if
		:: MAYSETTLE(b, row, me) -> settle(b, row);
#ifndef SETTLEALONE
			refer(me, b); goto out
#endif
		:: else -> goto place /* Claim.PlaceAgain */
		fi };

claimLive: /* PlacementClaim.Of(Placement.Live), Condition.LocationLive */
	atomic { !rest ->
		if
#ifdef NORECHECK
		:: true -> refer(me, b)
#else
		:: live[b] -> refer(me, b)
#endif
		:: else -> goto place
		fi };
out:
	row = 0; b = 0
}

#define PICKPACKAGE p = 1; do :: p < NP -> p++ :: break od
#define PICKROW row = 1; do :: row < ROWS - 1 -> row++ :: break od

/* ADR 9, step 2 for one file: KeptBeside, or KeptOnlyBy with the gate. */
inline release(p)
{
	if
	:: KEPT(in[p]) > 1 -> refs[in[p]]--; pkg[p] = RELEASED; in[p] = 0
	:: KEPT(in[p]) == 1 && GATE ->
		refs[in[p]]--; pkg[p] = RELEASED;
#ifndef RELEASEONLY
		tells[p] = live[in[p]]; condemn(tells[p]);
#endif
		in[p] = 0
	:: else
	fi
}

/* v1.storage.location_deleted {bytes_deleted: true}, on the stream of the package that was released last. */
inline gone(row)
{
	st[row] = GONE;
	p = 1; do :: p <= NP -> if :: tells[p] == row -> tells[p] = 0 :: else fi; p++ :: else -> break od; p = 0
}

inline ended(p)
{
	if :: tells[p] -> assert(endIsTold) :: else fi;
	pkg[p] = COLLECTED
}

proctype Collector()
{
	byte row = 0; byte p = 0;
#ifdef GATETHENROWS
	bit open = 0;
#endif
end:
	do
#ifdef STEPS
	/* ADR 9, step 1: collection_started, under Condition.PackageNotHeld. The point of no return. */
#ifdef STALEGATE
	:: atomic { !rest -> PICKPACKAGE; if :: pkg[p] == FILE && holdPackage != p && GATE -> skip :: else -> p = 0; goto end fi };
	   atomic { !rest -> if :: pkg[p] == FILE -> pkg[p] = COLLECTING :: else fi; p = 0 }
#else
	:: atomic { !rest -> PICKPACKAGE; if :: pkg[p] == FILE && holdPackage != p && GATE -> pkg[p] = COLLECTING :: else fi; p = 0 }
#endif
	/* Step 2. */
	:: atomic { !rest -> PICKPACKAGE; if :: pkg[p] == COLLECTING -> release(p) :: else fi; p = 0 }
	/* Step 4: garbage_collected, once nothing is left to release or to delete. */
#ifdef ENDEARLY
	:: atomic { !rest -> PICKPACKAGE; if :: pkg[p] == RELEASED -> ended(p) :: else fi; p = 0 }
#else
	:: atomic { !rest -> PICKPACKAGE; if :: pkg[p] == RELEASED && !tells[p] -> ended(p) :: else fi; p = 0 }
#endif
#else
	/* Steps 1 and 2 as one; 4 is left out. */
#ifdef STALEBESIDE
	:: atomic { !rest -> PICKPACKAGE; if :: pkg[p] == FILE && KEPT(in[p]) > 1 -> skip :: else -> p = 0; goto end fi };
	   atomic { !rest -> if :: pkg[p] == FILE -> refs[in[p]]--; pkg[p] = RELEASED :: else fi; p = 0 }
#endif
#ifdef STALECONDITION
	:: atomic { !rest -> PICKPACKAGE; if :: pkg[p] == FILE && KEPT(in[p]) == 1 -> row = live[in[p]] :: else -> p = 0; goto end fi };
	   atomic { !rest -> if :: pkg[p] == FILE && st[row] == LIVE -> refs[in[p]]--; pkg[p] = RELEASED; condemn(row) :: else fi; p = 0; row = 0 }
#else
	:: atomic { !rest -> PICKPACKAGE; if :: pkg[p] == FILE -> release(p); tells[p] = 0 :: else fi; p = 0 }
#endif
#endif
#ifdef QUEUES
	/* Candidates: condition NotKept. */
	:: atomic { !rest -> PICKROW;
		if
		:: cand[row] && st[row] == LIVE && !KEPT(BACKEND(row)) && GATE -> condemn(row)
#ifdef GATEDROPS
		:: cand[row] && st[row] == LIVE && !KEPT(BACKEND(row)) && !GATE -> cand[row] = 0
#endif
		:: cand[row] && (st[row] != LIVE || KEPT(BACKEND(row))) -> cand[row] = 0 /* its next last keeper queues it again, or condemns it */
		:: else
		fi; row = 0 }
#endif
	/* A reservation is condemned by anybody, at any time: Condition.ReservationExists (ContentGrain.Abandon, AbandonedReservations). */
#ifndef KEEPRESERVATIONS
	:: atomic { !rest -> PICKROW; if :: st[row] == SETTLING -> condemn(row) :: else fi; row = 0 }
#endif
	/* Step 3. The rows and the gate are one question. */
#ifdef GATETHENROWS
	:: atomic { !rest && DELETEGATE -> open = 1 };
	   atomic { !rest -> open = 0; PICKROW;
		if
		:: st[row] == CONDEMNED
#else
	:: atomic { !rest -> PICKROW;
		if
		:: st[row] == CONDEMNED && DELETEGATE
#endif
#ifndef NEVERAGAIN
		:: st[row] == GONE && obj[KEY(row)] && DELETEGATE /* a late PUT: keys of gone rows may be deleted again at any time */
#endif
#ifdef DELETEFIRST
		:: st[row] == LIVE && KEPT(BACKEND(row)) == 1
#endif
		:: else -> row = 0; goto end
		fi;
		deleted[KEY(row)] = 1;
		if
		:: obj[KEY(row)] = 0; if :: st[row] == CONDEMNED -> skip :: else -> row = 0; goto end fi
		:: row = 0; goto end /* not acknowledged, or the collector crashed: it stays condemned */
		fi };
	   atomic { !rest -> if :: st[row] == CONDEMNED -> gone(row) :: else fi; row = 0 }
#ifdef PURGE
	:: atomic { !rest -> PICKROW;
		if :: st[row] == GONE && row == high[0] -> st[row] = NONE; high[0]-- :: else fi; row = 0 }
#endif
#ifdef POWERCUT
	/* A key without a row: a condemned one is inserted if there is still none. */
	:: atomic { !rest -> PICKROW; if :: obj[row] && (st[row] == NONE || st[row] == LOST) -> skip :: else -> row = 0; goto end fi };
#ifdef ORPHANSNAIVE
	   atomic { !rest -> obj[row] = 0; row = 0 }
#else
	   atomic { !rest ->
		if
		:: st[row] == NONE || st[row] == LOST -> condemn(row); high[0] = (high[0] < row -> row : high[0])
		:: else
		fi; row = 0 }
#endif
#endif
	od
}

#ifdef POWERCUT
/* Reservations are not synced, so the last ones may go. What was condemned or settled was synced, and everything before it. */
active proctype PowerCut()
{
	byte row;
end:
	do
	:: atomic { !rest -> row = high[0];
		do :: row && (st[row] == LOST || st[row] == NONE) -> row-- :: else -> break od;
		if
		:: row == 1 && st[row] == SETTLING -> st[row] = NONE; owner[row] = 0; high[0] = (high[0] == 1 -> 0 : high[0])
		:: row > 1 && st[row] == SETTLING -> st[row] = LOST; owner[row] = 0
		:: else
		fi; row = 0 }
	od
}
#endif

#ifdef HOLDS
/* HoldDecider: apply and release are events; their conditions are the package's stream and Condition.HoldStands. */
active proctype Holder()
{
	byte p;
end:
	do
	:: atomic { !rest && !holdAll -> holdAll = 1; heldLive = heldLive || ANYLIVE;
		copied[0] = live[0]; copied[NB - 1] = live[NB - 1] }
	:: atomic { !rest && holdAll -> holdAll = 0; heldLive = heldLive && holdContent; copied[0] = 0; copied[NB - 1] = 0 }
	:: atomic { !rest && !holdContent -> holdContent = 1; heldLive = heldLive || ANYLIVE }
	:: atomic { !rest && holdContent -> holdContent = 0; heldLive = heldLive && holdAll;
#ifndef RELEASEQUEUESNOT
		p = 0; do :: p < NB -> if :: live[p] && !refs[p] -> cand[live[p]] = 1 :: else fi; p++ :: else -> break od; p = 0
#endif
	   }
#ifdef LATEHOLD
	:: atomic { !rest && !holdPackage -> PICKPACKAGE; if :: pkg[p] == FILE || pkg[p] == COLLECTING -> holdPackage = p :: else fi; p = 0 }
#else
	:: atomic { !rest && !holdPackage -> PICKPACKAGE; if :: pkg[p] == FILE -> holdPackage = p :: else fi; p = 0 }
#endif
	:: atomic { !rest && holdPackage -> holdPackage = 0 }
	od
}
#endif

#ifdef MOVE
#define MOVER (NP + 1)
#define REFERS(p) (pkg[p] == FILE || pkg[p] == COLLECTING)
#ifdef MOVEREADSFIRST
#define TURNS(p) (some & (1 << p))
#else
#define TURNS(p) true
#endif
/* storage move, in either direction (ADR 9, Moving). */
active proctype Mover()
{
	byte row = 0; byte old = 0; byte p = 0; bit to = 0; byte some = 0;
end:
	do
	:: atomic { !rest -> if :: to = 0 :: to = 1 fi;
		if :: live[1 - to] -> old = live[1 - to] :: else -> to = 0; goto end fi;
#ifdef MOVEREADSFIRST
		p = 1;
		do
		:: p <= NP -> if :: REFERS(p) && in[p] != to -> some = some | (1 << p) :: else fi; p++
		:: else -> break
		od; p = 0;
#endif
		if
		:: live[to] -> row = 0
		:: !live[to] && high[to] < G -> reserve(to, MOVER)
		:: !live[to] && high[to] == G -> old = 0; to = 0; some = 0; goto end
		fi };
	   /* Copy: read A, hash, write B, look. */
	   atomic { !rest ->
		if
		:: row && !obj[KEY(old)] -> row = 0; old = 0; to = 0; some = 0; goto end /* gone meanwhile */
		:: row && obj[KEY(old)] -> write(row, MOVER); if :: obj[KEY(row)] = 1 :: row = 0; old = 0; to = 0; some = 0; goto end fi
		:: !row
		fi };
	   /* One append: settle B (or prove that it is live), v1.storage.content_moved, condemn A. */
	   atomic { !rest ->
		if
#ifdef MOVESTALE
		:: live[1 - to] == old && !row
#else
		:: live[1 - to] == old && !row && live[to]
#endif
		:: live[1 - to] == old && row && MAYSETTLE(to, row, MOVER) -> settle(to, row)
#ifdef MOVEANYGENERATION
		:: live[1 - to] != old && row && MAYSETTLE(to, row, MOVER) -> settle(to, row)
#endif
		:: else -> row = 0; old = 0; to = 0; some = 0; goto end
		fi;
#ifdef MOVETWOSTEPS
		condemn(old) };
	   atomic { !rest ->
#endif
		p = 1;
		do
		:: p <= NP ->
			if
			:: REFERS(p) && in[p] != to && TURNS(p) -> refs[1 - to]--; refs[to]++; in[p] = to
			:: else
			fi; p++
		:: else -> break
		od; p = 0;
#ifndef MOVETWOSTEPS
#ifndef MOVELEAVES
		condemn(old);
#endif
#endif
#ifndef MOVEQUEUESNOT
		/* What was a candidate in A (its hold was released) is one in B. */
		if :: !KEPT(to) -> cand[live[to]] = 1 :: else fi;
#endif
		row = 0; old = 0; to = 0; some = 0 }
	od
}
#endif

#ifdef REST
/* Nobody takes a step any more, no hold is on everything, nothing flies. One collector runs to its end: nothing is left that nothing keeps. */
active proctype Rest()
{
	byte row; byte p;
	d_step { !holdAll -> rest = 1;
		p = 1; do :: p <= NP -> if :: pkg[p] == COLLECTING -> release(p) :: else fi; p++ :: else -> break od;
		row = 1;
		do
		:: row < ROWS ->
			if
#ifndef KEEPRESERVATIONS
			:: st[row] == SETTLING -> condemn(row)
#endif
			:: cand[row] && st[row] == LIVE && !KEPT(BACKEND(row)) -> condemn(row)
			:: (st[row] == NONE || st[row] == LOST) && obj[KEY(row)] -> condemn(row)
			:: else
			fi;
			if
			:: st[row] == CONDEMNED -> obj[KEY(row)] = 0; gone(row)
#ifndef NEVERAGAIN
			:: st[row] == GONE -> obj[KEY(row)] = 0
#endif
			:: else
			fi;
			if
			:: obj[KEY(row)] && !(st[row] == LIVE && live[BACKEND(row)] == row && refs[BACKEND(row)] + holdContent) -> assert(nothingLeaks)
			:: st[row] == SETTLING || st[row] == CONDEMNED -> assert(nothingLeaks)
			:: else
			fi;
			row++
		:: else -> break
		od;
		p = 1;
		do
		:: p <= NP -> if :: pkg[p] == COLLECTING || (pkg[p] == RELEASED && tells[p]) -> assert(nothingLeaks) :: else fi; p++
		:: else -> break
		od;
		/* Nothing follows, so all these states may be one. */
		row = 0;
		do
		:: row < ROWS -> st[row] = 0; owner[row] = 0; writer[row] = 0; deleted[row] = 0; obj[row] = 0; cand[row] = 0; row++
		:: else -> break
		od;
		p = 0; do :: p <= NP -> pkg[p] = 0; in[p] = 0; tells[p] = 0; p++ :: else -> break od;
		p = 0; do :: p < NB -> high[p] = 0; live[p] = 0; refs[p] = 0; copied[p] = 0; p++ :: else -> break od;
		began = 0; holdContent = 0; holdPackage = 0; heldLive = 0; row = 0; p = 0 }
}
#endif

init
{
	byte i;
	atomic {
		i = 1; do :: i <= NP -> run Pusher(i); i++ :: else -> break od;
		i = 1; do :: i <= NC -> run Collector(); i++ :: else -> break od; i = 0 }
}
