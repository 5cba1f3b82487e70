//! The phrases that incident chat is read by, one list a topic. Lower case, separated by commas; an
//! apostrophe separates words. `^` stands before a phrase that must open its sentence, `$` after one that
//! must close its clause, and `~ CLASS` asks for a word of that class soon after.

/// What a phrase is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// “Decision: …”, “Agreed: …”: a heading with a colon.
    Heading,
    /// “We decided to …”.
    Decided,
    /// “Let’s …”, “going to …”, followed by something that changes the system ([`ACTS`]).
    Intent,
    /// “Stopping the worker now”: a step that is being taken.
    Doing,
    /// “Cause: …”: a heading with a colon.
    FindingHeading,
    /// The impact has gone or is limited.
    Mitigated,
    /// The incident is over.
    Resolved,
    /// The system was changed.
    Changed,
    /// People outside were told.
    Customers,
    /// Somebody took or handed over a role.
    Role,
    /// Something was found out.
    Finding,
    /// Something seems wrong.
    Report,
    /// When the impact began.
    ImpactStart,
    /// Since when, as monitoring systems say it; read in alerts only.
    Since,
    /// What bots say about changes.
    BotChange,
    /// What bots say about an incident or a status page.
    BotStatus,
    /// What bots say when a rule fires.
    BotFired,
    /// What bots say when a rule is quiet again.
    BotCleared,
}

/// Every list.
pub const ALL: &[(Topic, &str)] = &[
    (Topic::Heading, "decision,decided,agreed,plan,new plan,the plan,action,call"),
    (
        Topic::Decided,
        "we decided,we've decided,we have decided,i decided,i've decided,decided to,we agreed,we've agreed,agreed to
        decision is to,decision was to,decision made,the call is,my call,we're going with,we are going with,going with option
        we'll go with,we will go with,let's go with,i'm calling it,declaring,i'm declaring,calling this a sev
        calling it a sev,upgrading to sev,raising to sev,raising this to,upgrading this to,downgrading to
        downgrading this to,bumping to sev,bumping this to sev,go ahead with the,approved the",
    ),
    (
        Topic::Intent,
        "let's,lets,let us,i'll,i will,we'll,we will,going to,gonna,about to,i'm,we're,we are,i am,proceeding to
        proceeding with,go for,starting the,starting a,kicking off",
    ),
    (
        Topic::Doing,
        "^stopping,^restarting,^rolling back,^reverting,^paging,^disabling,^enabling,^draining,^blocking,^pausing,^scaling
        ^failing over,^failing back,^promoting,^purging,^flushing,^killing,^shifting,^rerouting,^throttling,^switching to
        ^turning off,^turning on,^restoring,^deploying,^escalating,^rotating,^isolating,taking ~ AWAY,pulling ~ AWAY",
    ),
    (Topic::FindingHeading, "^reason,^cause,^root cause,^the reason,^the cause,^finding,^found"),
    (
        Topic::Mitigated,
        "go through again,goes through again,works again,work again,running again,loads again,load again,succeed again
        succeeding again,responding again,reachable again,available again,is back$,are back$,we're back$,back in rotation
        back in the ring,back in the pool,back in service,mitigated,mitigation in place,mitigation is in place,mitigation confirmed,back to normal,back to baseline
        back at baseline,back under threshold,fully recovered,has recovered,have recovered,rates recovered,rate recovered
        recovered fully,all recovered,is recovering fully,errors are gone,errors have stopped,errors stopped
        errors have cleared,errors cleared,error rate is down to,error rate is back,error rates are back,service restored
        service is restored,is restored,are restored,no new errors,no more errors,is healthy again,are healthy again,healthy again
        looks healthy,looking healthy,all green,green again,back up,back online,traffic is normal,latency is normal
        is stable again,stable again,stable now,stabilised,stabilized,bleeding has stopped,stopped the bleeding
        impact has ended,impact is over,impact ended,working again,queue is drained,backlog is drained,backlog has cleared
        backlog cleared,is succeeding again,are succeeding again,going through again,flowing again",
    ),
    (
        Topic::Resolved,
        "^closing$,^closing this,^resolved$,^incident closed,^all clear,we can call it,we can close this,we can close the incident,all clear,incident resolved,incident is resolved,incident is over,incident over,incident closed
        marking resolved,marking as resolved,marking this resolved,marking this as resolved,marking it resolved
        calling this resolved,calling it resolved,call this resolved,calling this done,calling this closed
        resolving the incident,resolving this,resolving now,closing the incident,closing this incident,closing this out
        closing it out,we are resolved,this is resolved,now resolved,declaring this over,declaring it over
        standing down,stand down,ending the incident,incident has been resolved,fully resolved",
    ),
    (
        Topic::Changed,
        "^started,^stopped,^killed,^merged,^deployed,^patched,^moved,^took,^added,^removed,^increased,^raised,^lowered,^blocked
        ^released,^shipped,^replaced,^deleted,^paused,^resumed,stopped$,finished$,paused$,resumed$,deleted$,is read only,rolled back,rollback done,rollback is done,rollback complete,rollback is complete,rollback completed
        rollback finished,rollback is out,rollback is live,rollback has finished,reverted,revert is out,revert is live,revert merged,revert deployed
        failed over,failover complete,failover done,failover is done,failover finished,failed back,restarted,rebooted
        turned off,turned on,switched off,switched on,disabled,enabled the,scaled up,scaled out,scaled down,scaled to
        drained,cordoned,promoted the,promoted to primary,restored from,restore finished,restore complete,flushed the
        purged,killed the,deployed the,deployed v,deployed a,fix is out,fix is live,fix is deployed,fix deployed
        fix rolled out,fix is rolled out,hotfix is out,hotfix is live,hotfix deployed,patch is live,patch is out
        flag is off,flag is on,flag off,flipped the flag,flipped the,raised the limit,raised the pool,raised the,lowered the,bumped the
        increased the,doubled the,rotated the,renewed the,blocked the,unblocked,rerouted,shifted traffic,moved traffic
        traffic shifted,switched traffic,switched to,pointed,rate limited,paused the,resumed the,stopped the
        started the,replaced the,deleted the,cleared the,invalidated the,merged the,applied the,swapped,shed
        took it out of,taken out of rotation,out of rotation,removed from rotation,added capacity,added two,added three",
    ),
    (
        Topic::Customers,
        "contacting ~ PEOPLE,contacted ~ PEOPLE,reaching out to ~ PEOPLE,reached out to ~ PEOPLE,calling ~ PEOPLE
        called ~ PEOPLE,answered ~ PEOPLE,wrote to ~ PEOPLE,informed ~ PEOPLE,informing ~ PEOPLE,status page updated,status page is updated,statuspage updated,status page is up,status page posted
        updated the status page,updated status page,updated our status page,posted to the status page,posted on the status page,posted to status page
        posted on status page,posted a status page,published to the status page,published on the status page
        published a status update,posted a status update,posted an update on the status,update is on the status page
        status page says,status page now says,customers have been told,customers have been notified,customers are informed
        customers informed,customers notified,told customers,notified customers,emailed customers,emailed the affected
        emailed affected,mailed customers,mail to customers,email to customers,banner is up,banner is live
        put up a banner,support has been told,support has been briefed,told support,informed support,briefed support,support is informed
        support knows,sent support,macro for support,customer notice,sent the customer,told the customer,told the merchants,notified the merchants",
    ),
    (
        Topic::Role,
        "i'll coordinate,i'm coordinating,i'll drive,i'm driving,i'll run this,i'll own this,i'm leading this,i'm incident lead,i am incident lead,i'm the incident lead,i'm incident commander,i am incident commander
        i'm the incident commander,i'm ic,i am ic,i'm the ic,i am the ic,i'll ic,i'll be ic,i'll take ic,taking ic,i've got ic,is ic now
        is now ic,is the ic,as ic,as the ic,taking over as,taking over ic,taking over incident,taking over from
        taking over the incident,taking lead,taking the lead,i'll lead,i'll take lead,i'll take the lead,i'll run point,i'll run the incident
        i'm running the incident,is incident lead,is the incident lead,is incident commander,is now incident lead
        is lead now,handing over,handing off,hand over to,handing the incident,handing incident,handover to,passing ic
        passing the lead,i'm comms,i'll do comms,i'll take comms,taking comms,i've got comms,i'll handle comms,i have comms,i'll be comms
        i'm scribe,i'll scribe,i'm scribing,i'll be scribe,you're ic,you are ic,you have ic,you have the lead",
    ),
    (
        Topic::Finding,
        "the problem is,the problem was,the issue is that,the issue was,found it,found the cause,found the problem,found the issue,found the culprit,found the query,found the bug
        found the change,found the commit,the culprit is,culprit is,root cause is,root cause was,the cause is,the cause was
        cause is,traced it to,traced this to,traced to,traced it back,narrowed it down,narrowed it to,narrowed down to
        caused by,is caused by,was caused by,identified the,we've identified,we identified,confirmed that,confirmed it,can confirm
        confirmed the,that explains,explains the,is the reason,was the reason,that's the reason,smoking gun,it turns out,turns out the,turns out that,turns out it,started right after the
        lines up with,coincides with,correlates with,matches the deploy,started with the deploy",
    ),
    (
        Topic::Report,
        "seeing ~ FAULT,getting ~ FAULT,hitting ~ FAULT,borked,paid twice,sent twice,delivered twice,duplicate charges
        duplicate emails,looks off,look off,is down,are down,seems down,seem down,looks down,went down,is broken,are broken,seems broken,looks broken,is anyone seeing,is anyone getting
        anyone else seeing,anyone else getting,anyone else having,anybody else seeing,anybody else getting,anyone seeing,is it just me,just me or,not working,doesn't work,does not work,don't work,stopped working
        isn't working,aren't working,can't log in,cannot log in,can't login,cannot login,unable to,can't check out
        cannot check out,can't pay,cannot pay,can't load,cannot load,can't reach,cannot reach,won't load,not loading
        isn't loading,getting errors,getting 500s,getting 502s,getting 503s,getting 504s,getting a 500,getting a 502,getting a 503
        getting timeouts,seeing errors,seeing 500s,seeing 502s,seeing 503s,seeing 504s,seeing 5xx,seeing timeouts
        seeing a lot,seeing lots,seeing a spike,seeing elevated,seeing failures,seeing failed,seeing increased,seeing high
        seeing slow,lots of errors,lots of 500s,lots of 502s,lots of 503s,lots of timeouts,a lot of errors,tons of errors
        a lot of timeouts,error rate is,error rates are,errors on,errors from,errors in,spike in,spike of,spiking
        timing out,time out for,times out,timeouts on,timeouts from,unreachable,is failing,are failing,keep failing,keeps failing
        failing for,fails for,fails with,failing with,customers report,customers are reporting,customer reports
        customers reporting,customers say,customers complaining,users report,users are reporting,users reporting,reports of
        reports that,tickets about,tickets coming,complaints about,tickets from,is slow,are slow,very slow,super slow
        really slow,is crawling,is stuck,are stuck,is hanging,are hanging,hangs,an outage,page is blank,blank page,returns 500
        returning 500,returning 502,returning 503,returning 504,returning 5xx,returning errors,is returning,something is wrong
        something's wrong,something wrong with,looks wrong,is missing,are missing,dropped to zero,dropped to 0,fell to zero
        no orders,no data,no emails,not receiving,not arriving,not being delivered,is lagging,is delayed,are delayed,charged twice,double charged",
    ),
    (
        Topic::ImpactStart,
        "impact started,impact began,impact start,impact starts,impact since,started failing,began failing,failing since
        failed since,errors since,errors started,errors began,down since,broken since,affected since,first error
        first errors,first failure,first failed,customers affected from,users affected from,impact from",
    ),
    (Topic::Since, "since,startsat,starts at,started at,began at,start time,starttime"),
    (
        Topic::BotChange,
        "is live,now live,in production,deployed,deploying,deployment,deploy,rolled back,rollback,rolling back,released,release,promoted,reverted,shipped
        rollout,rolled out,feature flag,flag,migration,migrated,terraform,config change,configuration change,applied,scaled,restarted,failover,failed over",
    ),
    (
        Topic::BotStatus,
        "status page,statuspage,investigating,identified,monitoring,incident declared,incident opened,incident created
        incident resolved,incident closed,severity changed,severity set,severity upgraded,has declared,declared an incident
        declared incident,status changed,status update,role assigned,is now incident lead,is now incident commander,commander is,lead is,marked as,maintenance",
    ),
    (
        Topic::BotFired,
        "firing,triggered,alert,alarm,critical,warn,warning,is down,threshold,exceeded,breached,no data,unhealthy,failing
        error rate,burn rate,problem,re triggered,re notify",
    ),
    (
        Topic::BotCleared,
        "recovered,resolved,ok,cleared,is up,back to normal,healthy,recovery,no longer firing",
    ),
];

/// What changes a system: after “let’s” or “going to” one of these makes an intent worth keeping.
pub const ACTS: &str = "roll rollback rolling revert reverting fail failover failing restart restarting reboot disable \
    disabling enable enabling turn turning switch switching scale scaling drain draining block blocking unblock pause \
    pausing resume promote promoting purge purging flush flushing freeze freezing kill killing bump bumping raise raising \
    increase increasing lower lowering cut cutting reroute rerouting redirect redirecting shed shedding throttle \
    throttling limit restore restoring page paging declare declaring shift shifting deploy deploying ship shipping \
    hotfix stop stopping isolate quarantine rotate rotating renew cordon failback evacuate rebuild replay replaying \
    escalate escalating downgrade downgrading upgrade hold flip flipping apply merge";

/// Words that deny what follows within four words.
pub const DENIALS: &str =
    "not no never cannot t without nothing neither isn aren wasn don didn won hasn haven doesn yet";

/// Words after which something is only considered or awaited.
pub const SUPPOSING: &str = "if should could would might maybe may unless until whether hopefully hope waiting wait can \
    once when before shall assuming expect expecting suppose why how wonder what";

/// Words that place a sentence in another time.
pub const ELSEWHEN: &str = "yesterday tomorrow monday tuesday wednesday thursday friday saturday sunday month months \
    year years weeks previously someday retro postmortem";

/// Words that may stand before a phrase that opens a sentence.
pub const OPENINGS: &str =
    "ok okay so now and done then yes yep right i m we re am are have ve just also alright update";

/// After “started”, “moved” or “it’s the” these change nothing and find nothing.
pub const IDLE: &str = "looking checking reading digging investigating writing thinking wondering to a an my thread first \
    second third same one only best worst way least last end usual other";

/// What errors are called.
pub const FAULTS: &str =
    "error errors failure failures failed failing timeout timeouts exception exceptions refused reset";

/// People outside, and those who speak with them.
pub const PEOPLE: &str =
    "customer customers merchant merchants user users tenant tenants partner partners client clients";

/// Where something goes that is taken out of use.
pub const AWAY: &str = "out offline down off";

/// The words of a class that a phrase names.
pub fn class(name: &str) -> &'static str {
    match name {
        "FAULT" => FAULTS,
        "PEOPLE" => PEOPLE,
        _ => AWAY,
    }
}
