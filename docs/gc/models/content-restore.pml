/* The protocol of content-protocol.pml across a backup and the restore of that older log, in one backend: one content, two lives.
   The writes and deletes of the former life still fly. Configurations: the restored store has a root of its own (Restore.ClaimRoots takes an
   empty one), or, with -DROOTKEPT, the root of the former life, by an operator's hand. README.md beside this file has the switches.

   Conventions as there: a request that was sent may arrive at any later time, again and again; a crash is taking no further step. */

#ifndef NP
#define NP 2
#endif
#ifndef NC
#define NC 1
#endif
#ifndef G
#define G 2
#endif
#define KEYS (2 * G + 1)
#define AT(root, key) ((root) * KEYS + (key))

#define NONE 0
#define SETTLING 1
#define LIVE 2
#define CONDEMNED 3
#define GONE 4
byte st[G + 1]; byte owner[G + 1]; byte key[G + 1]; /* the log's rows, by generation, with their physical keys */
byte high = 0; byte live = 0; byte refs = 0;
bit file[NP + 1];
bit obj[2 * KEYS]; bit written[2 * KEYS]; bit deleted[2 * KEYS]; /* by root and key */
bit root = 0; bit life = 0;
bit holdAll = 0; byte began = 0;

/* The backup. Reservations are a working table and not in it. */
bit whole = 0;
byte bSt[G + 1]; byte bKey[G + 1]; byte bHigh = 0; byte bLive = 0; byte bRefs = 0; bit bFile[NP + 1];

hidden byte liveBytesAreThere, referencesAreLive, keyIsWrittenOnce, oneIsLive, backupHasItsBytes;

active proctype Monitor()
{
end:
	do
	:: atomic { live && !obj[AT(root, key[live])] -> assert(liveBytesAreThere) }
	:: atomic { refs && !live -> assert(referencesAreLive) }
	od
}

active proctype Backend()
{
	byte k;
end:
	do
	:: atomic { k = 0; do :: k < 2 * KEYS - 1 -> k++ :: break od;
		if
		:: written[k] && !obj[k] -> obj[k] = 1
		:: deleted[k] && obj[k] -> obj[k] = 0
		:: else
		fi; k = 0 }
	od
}

/* PhysicalKey.Of: number 1 of the first life is plain; later numbers have the attempt, later lives the incarnation. */
#ifdef NOSUFFIX
#define KEYOF(g) ((g) == 1 -> 1 : (g) + life * G)
#else
#define KEYOF(g) ((g) + life * G)
#endif

inline refer(p)
{
	file[p] = 1; refs++
}

/* A node that finds another log than it knows stops (PostgresWriter.RequireSameLog). It comes back as a node of the new life. */
#define SAMELOG (mine == life)

proctype Pusher(byte me)
{
	byte g = 0; byte k = 0; bit mine = 0;
	atomic { began == me - 1 -> began++ };
place:  /* BatchDecider.Decide(ReserveItem) */
	atomic { mine = life; g = 0; k = 0;
		if
		:: live -> goto claimLive
		:: !live && high < G -> high++; g = high; st[g] = SETTLING; owner[g] = me; key[g] = KEYOF(g); k = AT(root, key[g])
		:: !live && high == G -> goto out
		fi };
	/* IBlobStore.Promote, at the root and the key that this life gave. */
	atomic {
#ifndef NOSUFFIX
		if :: written[k] -> assert(keyIsWrittenOnce) :: else fi;
#endif
		written[k] = 1;
		if :: obj[k] = 1 :: goto place fi };
	/* Condition.MaySettle */
	atomic {
		if
		:: SAMELOG && !live && st[g] == SETTLING && owner[g] == me -> st[g] = LIVE; owner[g] = 0; live = g; refer(me)
		:: else -> goto place
		fi; goto out };
claimLive: /* Condition.LocationLive */
	atomic { if :: SAMELOG && live -> refer(me) :: else -> goto place fi };
out:
	atomic { g = 0; k = 0; mine = 0 }
}

inline condemn(row)
{
	st[row] = CONDEMNED; owner[row] = 0;
	if :: live == row -> live = 0 :: else fi
}

proctype Collector()
{
	byte g = 0; bit mine = 0;
end:
	do
	/* Release with KeptBeside, or with KeptOnlyBy and the gate. */
	:: atomic { g = 1; do :: g < NP -> g++ :: break od;
		if
		:: file[g] && refs > 1 -> file[g] = 0; refs--
		:: file[g] && refs == 1 && !holdAll -> file[g] = 0; refs--; condemn(live)
		:: else
		fi; g = 0 }
	:: atomic { g = 1; do :: g < G -> g++ :: break od; if :: st[g] == SETTLING -> condemn(g) :: else fi; g = 0 }
	/* Delete: rows and gate in one question. */
	:: atomic { g = 1; do :: g < G -> g++ :: break od;
		if
		:: (st[g] == CONDEMNED || (st[g] == GONE && obj[AT(root, key[g])])) && !holdAll -> deleted[AT(root, key[g])] = 1
		:: else -> g = 0; goto end
		fi;
		if
		:: obj[AT(root, key[g])] = 0; mine = life
		:: g = 0; goto end
		fi };
	   atomic { if :: SAMELOG && st[g] == CONDEMNED -> st[g] = GONE :: else fi; g = 0; mine = 0 }
	od
}

#ifdef ROOTKEPT
#ifdef OVERLIVE
#define POSSIBLE true
#else
#define POSSIBLE (!bLive) /* the content came after the backup */
#endif
#else
#define POSSIBLE true
#endif

/* artifactstore backup: a hold on everything, the log up to its end, the bytes that are live there, release. Then one day restore. */
active proctype Operator()
{
	byte i;
	atomic { !life ->
#ifndef BACKUPWITHOUTHOLD
		holdAll = 1
#endif
	};
	atomic { i = 1;
		do
		:: i <= G -> bKey[i] = key[i]; if :: st[i] != SETTLING -> bSt[i] = st[i] :: else fi; if :: bSt[i] -> bHigh = i :: else fi; i++
		:: else -> break
		od;
		i = 1; do :: i <= NP -> bFile[i] = file[i]; i++ :: else -> break od;
		bLive = live; bRefs = refs; i = 0 };
	atomic { if :: bLive && !obj[AT(root, bKey[bLive])] -> assert(backupHasItsBytes) :: else fi;
		whole = 1; holdAll = 0 };
	/* Restore.Run. The keys of what is live are those of the log; the next keys have the new incarnation. */
	atomic { whole && POSSIBLE -> life = 1; holdAll = 0;
#ifdef ROOTKEPT
		i = 0; do :: i < KEYS -> obj[i] = 0; i++ :: else -> break od; /* emptied; what flies arrives all the same */
#else
		root = 1;
#endif
		i = 1;
		do
		:: i <= G -> st[i] = bSt[i]; key[i] = (bSt[i] -> bKey[i] : 0); owner[i] = 0; bSt[i] = 0; bKey[i] = 0; i++
		:: else -> break
		od;
		i = 1; do :: i <= NP -> file[i] = bFile[i]; bFile[i] = 0; i++ :: else -> break od;
		high = bHigh; live = bLive; refs = bRefs; bHigh = 0; bLive = 0; bRefs = 0;
		if :: live -> obj[AT(root, key[live])] = 1; written[AT(root, key[live])] = 1 :: else fi; i = 0 }
}

init
{
	byte i;
	atomic {
		i = 1; do :: i <= NP -> run Pusher(i); i++ :: else -> break od;
		i = 1; do :: i <= NC -> run Collector(); i++ :: else -> break od; i = 0 }
}
