;;; What the tests ask of Emacs, without a window. Given: docs/editors.md, a Luau file, and where the answers go.  -*- lexical-binding: t -*-
(require 'json)
(require 'cl-lib)
(setq last-nonmenu-event ?x ; keys, not the mouse
      use-short-answers t
      make-backup-files nil auto-save-default nil create-lockfiles nil coding-system-for-write 'utf-8)
(package-initialize) ; eglot, where Emacs does not come with it

(defvar probe-answers nil)
(defvar probe-asked nil "What the user was asked.")

(defun probe-note (name value)
  (push (cons name value) probe-answers))

(defun probe-wait (condition)
  "Wait until CONDITION gives something, for a minute at most."
  (let ((end (+ (float-time) 60)))
    (while (not (or (funcall condition) (> (float-time) end)))
      (accept-process-output nil 0.05))
    (funcall condition)))

(defun probe-has (text)
  (lambda () (string-search text (buffer-string))))

(defun probe-choose (beginning)
  "A completing-read-function of a user who takes what has this BEGINNING."
  (lambda (prompt collection &rest _)
    (push prompt probe-asked)
    (cl-find-if (lambda (each) (string-prefix-p beginning each)) (all-completions "" collection))))

(defun probe-act (line title)
  (goto-char (point-min))
  (forward-line (1- line))
  (let ((completing-read-function (probe-choose title)))
    (call-interactively #'eglot-code-actions)))

(defun probe-text ()
  (buffer-substring-no-properties (point-min) (point-max)))

(pcase-let ((`(,docs ,file ,out) command-line-args-left))
  ;; The first block of the page is the one for eglot.
  (with-temp-buffer
    (insert-file-contents docs)
    (search-forward "```elisp\n")
    (let ((start (point)))
      (search-forward "\n```")
      (eval-region start (match-beginning 0))))
  (find-file file)
  (run-hooks 'post-command-hook) ; where eglot-ensure waits
  (probe-note "mode" (symbol-name major-mode))
  (probe-wait #'eglot-current-server)
  (flymake-start)
  (probe-wait #'flymake-diagnostics)
  (probe-note "problems" (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))

  (goto-char (point-min))
  (search-forward " wai")
  (let ((completing-read-function (probe-choose "Use task.wait")))
    (call-interactively #'eglot-code-actions))
  (probe-wait (probe-has "task.wait"))
  (probe-note "fixed" (probe-text))

  (cl-letf (((symbol-function 'y-or-n-p) (lambda (prompt) (push prompt probe-asked) t)))
    (undo-boundary)
    (probe-act 2 "Generate from comment")
    (probe-wait (probe-has "Touched"))
    (probe-note "generated" (probe-text))
    (save-buffer)
    (undo-boundary)
    (undo-only)
    (probe-note "undone" (probe-text))
    (let ((completing-read-function
           (lambda (prompt collection &rest rest)
             (apply (probe-choose (if (string-search "scripts" prompt) "2:" "Generate alternatives"))
                    prompt collection rest))))
      (goto-char (point-min))
      (forward-line 1)
      (call-interactively #'eglot-code-actions)
      (probe-wait (probe-has "Touched")))
    (probe-note "alternative" (probe-text)))
  (probe-note "asked" (nreverse probe-asked))
  (with-temp-file out
    (insert (json-serialize (mapcar (lambda (each)
                                      (cons (intern (car each))
                                            (if (listp (cdr each)) (vconcat (cdr each)) (cdr each))))
                                    probe-answers)))))
