/*-------------------------------------------------------------------------
 *
 * Groups first, since who is no longer root cannot change them; then it is
 * tried to come back, which must fail.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "log.h"
#include "privilege.h"

bool
privilege_drop(const char *user)
{
	const struct passwd *entry;

	errno = 0;
	entry = getpwnam(user);
	if (entry == NULL && errno != 0)
	{
		log_warn("could not look up user \"%s\"", user);
		return false;
	}
	if (entry == NULL)
	{
		log_warnx("there is no user \"%s\"", user);
		return false;
	}
	if (geteuid() == entry->pw_uid && geteuid() != 0)
		return true;
	if (initgroups(user, entry->pw_gid) != 0 ||
		setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) != 0 ||
		setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) != 0)
	{
		log_warn("could not become user \"%s\"", user);
		return false;
	}
	if (entry->pw_uid != 0 && (setuid(0) == 0 || seteuid(0) == 0))
	{
		log_warnx("user \"%s\" can become root again", user);
		return false;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
	{
		log_warn("could not rule out new privileges");
		return false;
	}
	return true;
}
