@echo off
rem Starts webui.py with a suitable Python, for hands that are used to webui.bat and webui-user.bat.
setlocal
if not defined PAINTBOX_CALLED_FROM set "PAINTBOX_CALLED_FROM=%CD%"
cd /d "%~dp0"
if not defined PYTHON (
    where py >nul 2>nul && (set "PYTHON=py -3") || (set "PYTHON=python")
)
%PYTHON% webui.py %*
exit /b %ERRORLEVEL%
